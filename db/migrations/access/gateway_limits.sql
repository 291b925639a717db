BEGIN;

CREATE TABLE pms.gateway_limits (
    only_row boolean NOT NULL DEFAULT TRUE,
    applied jsonb NOT NULL,
    applied_at timestamptz NOT NULL,

    CONSTRAINT gateway_limits_pkey PRIMARY KEY (only_row),
    CONSTRAINT gateway_limits_has_one_row CHECK (only_row)
);

COMMIT;
