-- Revert position_manager:functions/pms/explained_entry_json from pg

BEGIN;

DROP FUNCTION pms.explained_entry_json;

COMMIT;
