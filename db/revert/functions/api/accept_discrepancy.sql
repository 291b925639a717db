-- Revert position_manager:functions/api/accept_discrepancy from pg

BEGIN;

DROP FUNCTION api.accept_discrepancy;

COMMIT;
