-- Only adds.
BEGIN;

CREATE TABLE pms.table_sizes (
    table_name text NOT NULL,
    measured_at timestamptz NOT NULL,
    bytes bigint NOT NULL,

    CONSTRAINT table_sizes_pkey PRIMARY KEY (table_name, measured_at),
    CONSTRAINT table_sizes_not_negative CHECK (bytes >= 0)
);

COMMIT;
