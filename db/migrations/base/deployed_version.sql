-- Only adds.
BEGIN;

CREATE TABLE pms.deployed_version (
    only_row boolean NOT NULL DEFAULT TRUE,
    version text NOT NULL,
    deployed_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT deployed_version_pkey PRIMARY KEY (only_row),
    CONSTRAINT deployed_version_has_one_row CHECK (only_row)
);

COMMIT;
