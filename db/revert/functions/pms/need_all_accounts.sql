-- Revert position_manager:functions/pms/need_all_accounts from pg

BEGIN;

DROP FUNCTION pms.need_all_accounts;

COMMIT;
