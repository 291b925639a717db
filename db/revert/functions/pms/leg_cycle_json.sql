-- Revert position_manager:functions/pms/leg_cycle_json from pg

BEGIN;

DROP FUNCTION pms.leg_cycle_json;

COMMIT;
