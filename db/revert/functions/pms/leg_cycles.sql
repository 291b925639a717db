-- Revert position_manager:functions/pms/leg_cycles from pg

BEGIN;

DROP FUNCTION pms.leg_cycles;

COMMIT;
