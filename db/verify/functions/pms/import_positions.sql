-- Verify position_manager:functions/pms/import_positions on pg

SELECT 'pms.import_positions'::regproc;
