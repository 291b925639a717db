-- Deploy position_manager:functions/pms/gateway_limits to pg
-- requires: views/pms/rate_limits

BEGIN;

CREATE OR REPLACE FUNCTION pms.gateway_limits()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
    'enabled', (SELECT s.rate_limit_enabled FROM pms.settings s),
    'limits', jsonb_agg(
        jsonb_build_object(
            'id', l.id,
            'per_minute', l.per_minute,
            'burst', l.burst,
            'concurrent', l.concurrent,
            'handle', l.handle,
            'fingerprint', encode(l.fingerprint, 'hex')
        )
        ORDER BY l.counted_by, l.id
    )
)
FROM pms.rate_limits l
$$;

COMMENT ON FUNCTION pms.gateway_limits IS $$The live keys and their limits, for the gateway

{enabled, limits: [{id, per_minute, burst, concurrent, handle, fingerprint}]}; address and open have
neither handle nor fingerprint (hex).$$;

GRANT EXECUTE ON FUNCTION pms.gateway_limits TO pms_worker;

COMMIT;
