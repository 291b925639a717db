CREATE OR REPLACE FUNCTION api.revoke_key(id text)
RETURNS api.keys
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    revoked api.keys;
BEGIN
    UPDATE pms.api_keys k
    SET revoked_at = coalesce(k.revoked_at, now())
    WHERE k.id = revoke_key.id;

    IF NOT FOUND THEN
        RAISE SQLSTATE 'PT404' USING MESSAGE = format('no key %s', revoke_key.id);
    END IF;

    SELECT k.* INTO STRICT revoked FROM api.keys k WHERE k.id = revoke_key.id;
    PERFORM pms.audit_command('revoke_key', jsonb_build_object('id', revoke_key.id));
    RETURN revoked;
END
$$;

COMMENT ON FUNCTION api.revoke_key IS $$Revoke a key from the next request on

May be repeated.

Refuses with:
- PT404 when there is no such key$$;

GRANT EXECUTE ON FUNCTION api.revoke_key TO pms_operator;
