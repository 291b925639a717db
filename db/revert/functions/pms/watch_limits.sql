-- Revert position_manager:functions/pms/watch_limits from pg

BEGIN;

DROP FUNCTION pms.watch_limits;

COMMIT;
