-- Deploy position_manager:functions/pms/asked_account to pg
-- requires: functions/pms/account_scope
-- requires: functions/pms/named_account

BEGIN;

CREATE OR REPLACE FUNCTION pms.asked_account(account text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_scope text[] := pms.account_scope();
BEGIN
    RETURN pms.named_account(coalesce(
        account, CASE WHEN v_scope[1] = ALL(v_scope) THEN v_scope[1] ELSE 'main' END
    ));
END
$$;

COMMENT ON FUNCTION pms.asked_account IS $$The one account that a request is about

Null is main, or the only one that the key is bound to. Refuses with:
- 403 when the key is bound to others$$;

COMMIT;
