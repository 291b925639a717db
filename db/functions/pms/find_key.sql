-- Deploy position_manager:functions/pms/find_key to pg
-- requires: migrations/api_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.find_key(
    key_digest bytea,
    OUT id text,
    OUT role_name text,
    OUT account_scope text[]
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    SELECT
        k.id,
        CASE k.role WHEN 'operator' THEN 'pms_http_operator' ELSE 'pms_' || k.role END,
        k.account_scope
    INTO find_key.id, find_key.role_name, find_key.account_scope
    FROM pms.api_keys k
    WHERE k.digest = find_key.key_digest
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());
END
$$;

COMMENT ON FUNCTION pms.find_key IS
$$Who a key stands for: its id, a database role and the accounts it is bound to

key_digest: sha256 of the key text. All null when it opens nothing, as one that is revoked or
expired. account_scope null: all accounts. Over HTTP an operator is not who the command line is:
keys, limits and settings are out of reach.$$;

-- Whoever asks has to know the key already.
GRANT EXECUTE ON FUNCTION pms.find_key TO pms_anon;

COMMIT;
