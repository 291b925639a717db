-- Revert position_manager:functions/pms/snapshot_positions from pg

BEGIN;

DROP FUNCTION pms.snapshot_positions;

COMMIT;
