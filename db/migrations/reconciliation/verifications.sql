BEGIN;

CREATE TABLE pms.verifications (
    id bigint GENERATED ALWAYS AS IDENTITY,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    positions bigint NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    discrepancies bigint NOT NULL DEFAULT 0,
    findings jsonb NOT NULL DEFAULT '[]',

    CONSTRAINT verifications_pkey PRIMARY KEY (id)
);

COMMIT;
