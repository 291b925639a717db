-- Revert position_manager:functions/pms/next_snapshots from pg

BEGIN;

DROP FUNCTION pms.next_snapshots;

COMMIT;
