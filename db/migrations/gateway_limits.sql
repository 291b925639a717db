-- Deploy position_manager:migrations/gateway_limits to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.gateway_limits (
    only_row boolean NOT NULL DEFAULT TRUE,
    applied jsonb NOT NULL,
    applied_at timestamptz NOT NULL,

    CONSTRAINT gateway_limits_pkey PRIMARY KEY (only_row),
    CONSTRAINT gateway_limits_has_one_row CHECK (only_row)
);

COMMENT ON TABLE pms.gateway_limits IS 'The limits that the gateway was last told.';
COMMENT ON COLUMN pms.gateway_limits.applied IS
'Requests a minute by the id of a key, and of address and open.';

COMMIT;
