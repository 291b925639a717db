-- Revert position_manager:functions/pms/know_entries from pg

BEGIN;

DROP FUNCTION pms.know_entries;

COMMIT;
