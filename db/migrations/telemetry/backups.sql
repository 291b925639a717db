-- Only adds.
BEGIN;

CREATE TABLE pms.backups (
    id bigint GENERATED ALWAYS AS IDENTITY,
    taken_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_verified boolean NOT NULL,
    stored_in text NOT NULL,
    size_bytes bigint NOT NULL,

    CONSTRAINT backups_pkey PRIMARY KEY (id),
    CONSTRAINT backups_size_not_negative CHECK (size_bytes >= 0),
    CONSTRAINT backups_place_is_short CHECK (length(stored_in) BETWEEN 1 AND 1024)
);

COMMIT;
