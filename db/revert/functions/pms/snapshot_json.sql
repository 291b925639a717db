-- Revert position_manager:functions/pms/snapshot_json from pg

BEGIN;

DROP FUNCTION pms.snapshot_json;

COMMIT;
