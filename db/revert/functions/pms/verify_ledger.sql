-- Revert position_manager:functions/pms/verify_ledger from pg

BEGIN;

DROP PROCEDURE pms.verify_ledger;

COMMIT;
