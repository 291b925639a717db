CREATE OR REPLACE FUNCTION pms.gateway_limits_document()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT jsonb_build_object(
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

COMMENT ON FUNCTION pms.gateway_limits_document IS $$The live keys and their limits, for the gateway

{limits: [{id, per_minute, burst, concurrent, handle, fingerprint}]}; address and open have neither
handle nor fingerprint (hex).$$;

GRANT EXECUTE ON FUNCTION pms.gateway_limits_document TO pms_worker;

CREATE OR REPLACE FUNCTION pms.record_gateway_limits(applied jsonb)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
INSERT INTO pms.gateway_limits (applied, applied_at)
VALUES (record_gateway_limits.applied, clock_timestamp())
ON CONFLICT ON CONSTRAINT gateway_limits_pkey DO UPDATE
SET applied = excluded.applied,
    applied_at = excluded.applied_at
$$;

COMMENT ON FUNCTION pms.record_gateway_limits IS $$Record the limits that the gateway applies

applied: requests a minute by the id of a key, and of address and open; {} when it does not count.$$;

GRANT EXECUTE ON FUNCTION pms.record_gateway_limits TO pms_worker;
