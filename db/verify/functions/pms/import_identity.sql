-- Verify position_manager:functions/pms/import_identity on pg

SELECT 'pms.import_identity'::regproc;
