CREATE OR REPLACE FUNCTION pms.record_key_uses(uses jsonb)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
INSERT INTO pms.key_uses AS k (key_id, requests, last_used_at, last_used_from)
SELECT
    u.key,
    (u.value ->> 'requests')::bigint,
    least((u.value ->> 'at')::timestamptz, clock_timestamp()),
    left(u.value ->> 'address', 64)
FROM jsonb_each(record_key_uses.uses) u
-- A key may have been deleted since.
WHERE EXISTS (SELECT 1 FROM pms.api_keys a WHERE a.id = u.key)
ORDER BY u.key
ON CONFLICT ON CONSTRAINT key_uses_pkey DO UPDATE
SET requests = k.requests + excluded.requests,
    last_used_at = greatest(k.last_used_at, excluded.last_used_at),
    last_used_from = CASE
        WHEN excluded.last_used_at >= k.last_used_at THEN excluded.last_used_from
        ELSE k.last_used_from
    END
$$;

COMMENT ON FUNCTION pms.record_key_uses IS $$Add the uses of keys since the last call

uses: by the id of the key {requests, at, address}. Unknown ids are left out.$$;

GRANT EXECUTE ON FUNCTION pms.record_key_uses TO pms_worker;
