-- Revert position_manager:functions/pms/named_account from pg

BEGIN;

DROP FUNCTION pms.named_account;

COMMIT;
