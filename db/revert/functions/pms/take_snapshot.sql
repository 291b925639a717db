-- Revert position_manager:functions/pms/take_snapshot from pg

BEGIN;

DROP FUNCTION pms.take_snapshot;

COMMIT;
