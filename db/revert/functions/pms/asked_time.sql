-- Revert position_manager:functions/pms/asked_time from pg

BEGIN;

DROP FUNCTION pms.asked_time;

COMMIT;
