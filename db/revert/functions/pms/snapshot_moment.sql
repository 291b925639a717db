-- Revert position_manager:functions/pms/snapshot_moment from pg

BEGIN;

DROP FUNCTION pms.snapshot_moment;

COMMIT;
