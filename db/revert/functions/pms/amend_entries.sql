-- Revert position_manager:functions/pms/amend_entries from pg

BEGIN;

DROP FUNCTION pms.amend_entries;

COMMIT;
