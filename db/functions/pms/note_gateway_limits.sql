-- Deploy position_manager:functions/pms/note_gateway_limits to pg
-- requires: migrations/gateway_limits

BEGIN;

CREATE OR REPLACE FUNCTION pms.note_gateway_limits(applied jsonb)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
INSERT INTO pms.gateway_limits (applied, applied_at)
VALUES (note_gateway_limits.applied, clock_timestamp())
ON CONFLICT ON CONSTRAINT gateway_limits_pkey DO UPDATE
SET applied = excluded.applied,
    applied_at = excluded.applied_at
$$;

COMMENT ON FUNCTION pms.note_gateway_limits IS $$Keep what the gateway was told

applied: requests a minute by the id of a key, and of address and open; {} when it does not count.$$;

GRANT EXECUTE ON FUNCTION pms.note_gateway_limits TO pms_worker;

COMMIT;
