-- Revert position_manager:functions/pms/snapshot_position from pg

BEGIN;

DROP FUNCTION pms.snapshot_position;

COMMIT;
