-- Revert position_manager:functions/pms/take_snapshots from pg

BEGIN;

DROP FUNCTION pms.take_snapshots;

COMMIT;
