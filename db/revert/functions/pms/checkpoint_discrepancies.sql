-- Revert position_manager:functions/pms/checkpoint_discrepancies from pg

BEGIN;

DROP FUNCTION pms.checkpoint_discrepancies;

COMMIT;
