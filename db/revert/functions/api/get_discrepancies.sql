-- Revert position_manager:functions/api/get_discrepancies from pg

BEGIN;

DROP FUNCTION api.get_discrepancies;

COMMIT;
