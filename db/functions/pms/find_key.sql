-- Deploy position_manager:functions/pms/find_key to pg
-- requires: migrations/api_keys

BEGIN;

CREATE OR REPLACE FUNCTION pms.find_key(key_digest bytea)
RETURNS text
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_role text;
BEGIN
    SELECT CASE k.role WHEN 'operator' THEN 'pms_http_operator' ELSE 'pms_' || k.role END
    INTO v_role
    FROM pms.api_keys k
    WHERE k.digest = find_key.key_digest
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());

    RETURN v_role;
END
$$;

COMMENT ON FUNCTION pms.find_key IS $$The database role a key stands for; null when it opens nothing

key_digest: sha256 of the key text. A revoked or expired key opens nothing. Over HTTP an operator
is not who the command line is: keys, limits and settings are out of reach.$$;

-- Whoever asks has to know the key already.
GRANT EXECUTE ON FUNCTION pms.find_key TO pms_anon;

COMMIT;
