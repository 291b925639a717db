-- Verify position_manager:functions/pms/explained_entry_json on pg

SELECT 'pms.explained_entry_json'::regproc;
