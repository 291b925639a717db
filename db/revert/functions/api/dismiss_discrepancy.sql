-- Revert position_manager:functions/api/dismiss_discrepancy from pg

BEGIN;

DROP FUNCTION api.dismiss_discrepancy;

COMMIT;
