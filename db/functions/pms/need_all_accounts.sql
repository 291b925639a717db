-- Deploy position_manager:functions/pms/need_all_accounts to pg
-- requires: functions/pms/in_scope

BEGIN;

CREATE OR REPLACE FUNCTION pms.need_all_accounts()
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF pms.in_scope('*') IS NOT TRUE THEN
        RAISE SQLSTATE 'PGRST' USING
            MESSAGE = '{"code": "FORBIDDEN", "message": "this key is bound to accounts"}',
            DETAIL = '{"status": 403, "headers": {}}';
    END IF;
END
$$;

COMMENT ON FUNCTION pms.need_all_accounts IS $$Refuse a key that is bound to accounts

For what is of no account and changes them all, as a price. Refuses with:
- 403 when the key is bound to any$$;

COMMIT;
