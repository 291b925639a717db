-- Revert position_manager:functions/pms/time_or_null from pg

BEGIN;

DROP FUNCTION pms.time_or_null;

COMMIT;
