-- Revert position_manager:functions/pms/recorded_fills from pg

BEGIN;

DROP FUNCTION pms.recorded_fills;

COMMIT;
