-- Deploy position_manager:functions/pms/register_first_key to pg
-- requires: migrations/api_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.register_first_key(key_digest bytea)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.api_keys (id, digest, role, name)
VALUES ('first', register_first_key.key_digest, 'operator', 'The first key, of the environment')
ON CONFLICT ON CONSTRAINT api_keys_pkey DO UPDATE
SET digest = excluded.digest
$$;

COMMENT ON FUNCTION pms.register_first_key IS $$Let the key of the environment in, as operator

Only its sha256 comes here. A changed key replaces the former one.$$;

COMMIT;
