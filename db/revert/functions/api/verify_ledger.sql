-- Revert position_manager:functions/api/verify_ledger from pg

BEGIN;

DROP FUNCTION api.verify_ledger;

COMMIT;
