CREATE OR REPLACE FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.api_keys (id, digest, handle, fingerprint, role, name, tier)
SELECT
    'first', register_first_key.key_digest, register_first_key.handle,
    register_first_key.fingerprint, 'operator', 'The first key, of the environment', 'operator'
WHERE NOT EXISTS (
    SELECT FROM pms.api_keys k
    WHERE k.digest = register_first_key.key_digest AND k.id <> 'first'
)
ON CONFLICT ON CONSTRAINT api_keys_pkey DO UPDATE
SET digest = excluded.digest,
    handle = excluded.handle,
    fingerprint = excluded.fingerprint,
    expires_at = CASE WHEN api_keys.digest = excluded.digest THEN api_keys.expires_at END,
    revoked_at = CASE WHEN api_keys.digest = excluded.digest THEN api_keys.revoked_at END
$$;

COMMENT ON FUNCTION pms.register_first_key IS $$Let the key of the environment in, as operator

Only what cannot be turned back into it comes here. handle: its visible part, ? when it has none. A
changed key replaces the former one. A key that is known already stays as it is, also when it was
revoked or has replaced the first.$$;
