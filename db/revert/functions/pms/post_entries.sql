-- Revert position_manager:functions/pms/post_entries from pg

BEGIN;

DROP FUNCTION pms.post_entries;

COMMIT;
