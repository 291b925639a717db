-- Revert position_manager:functions/pms/leg_history from pg

BEGIN;

DROP FUNCTION pms.leg_history;

COMMIT;
