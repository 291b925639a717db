-- Revert position_manager:functions/pms/asked_account from pg

BEGIN;

DROP FUNCTION pms.asked_account;

COMMIT;
