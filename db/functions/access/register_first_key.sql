CREATE OR REPLACE FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.api_keys (id, digest, handle, fingerprint, role, name, tier)
VALUES (
    'first', register_first_key.key_digest, register_first_key.handle,
    register_first_key.fingerprint, 'operator', 'The first key, of the environment', 'operator'
)
ON CONFLICT ON CONSTRAINT api_keys_pkey DO UPDATE
SET digest = excluded.digest,
    handle = excluded.handle,
    fingerprint = excluded.fingerprint
$$;

COMMENT ON FUNCTION pms.register_first_key IS $$Let the key of the environment in, as operator

Only what cannot be turned back into it comes here. handle: its visible part, ? when it has none. A
changed key replaces the former one.$$;
