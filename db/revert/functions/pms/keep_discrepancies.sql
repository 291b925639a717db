-- Revert position_manager:functions/pms/keep_discrepancies from pg

BEGIN;

DROP FUNCTION pms.keep_discrepancies;

COMMIT;
