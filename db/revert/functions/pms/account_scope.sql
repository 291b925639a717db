-- Revert position_manager:functions/pms/account_scope from pg

BEGIN;

DROP FUNCTION pms.account_scope;

COMMIT;
