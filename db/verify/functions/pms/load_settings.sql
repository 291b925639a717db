-- Verify position_manager:functions/pms/load_settings on pg

SELECT 'pms.load_settings'::regproc;
