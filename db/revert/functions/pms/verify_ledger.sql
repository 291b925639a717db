-- Revert position_manager:functions/pms/verify_ledger from pg

BEGIN;

DROP FUNCTION pms.verify_ledger;

COMMIT;
