-- Revert position_manager:functions/pms/checkpoint_spacing from pg

BEGIN;

DROP FUNCTION pms.checkpoint_spacing;

COMMIT;
