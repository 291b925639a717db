-- Revert position_manager:functions/pms/position_entries from pg

BEGIN;

DROP FUNCTION pms.position_entries;

COMMIT;
