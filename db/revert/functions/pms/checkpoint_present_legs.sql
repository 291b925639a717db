-- Revert position_manager:functions/pms/checkpoint_present_legs from pg

BEGIN;

DROP FUNCTION pms.checkpoint_present_legs;

COMMIT;
