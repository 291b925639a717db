-- Deploy position_manager:functions/pms/named_account to pg
-- requires: functions/pms/in_scope

BEGIN;

CREATE OR REPLACE FUNCTION pms.named_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- What is no name of an account is for whoever reads it to refuse: it can be in no scope and
    -- there is nothing behind it.
    IF pms.in_scope(account) IS FALSE AND account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' THEN
        RAISE SQLSTATE 'PGRST' USING
            MESSAGE = '{"code": "FORBIDDEN", "message": "this key is bound to other accounts"}',
            DETAIL = '{"status": 403, "headers": {}}';
    END IF;

    RETURN account;
END
$$;

COMMENT ON FUNCTION pms.named_account IS $$The account that a request names, unless it may not

Null stays null: then it is about all that are in scope, see pms.in_scope. Refuses with:
- 403 when the key is bound to others$$;

COMMIT;
