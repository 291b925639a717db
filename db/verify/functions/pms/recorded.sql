-- Verify position_manager:functions/pms/recorded on pg

SELECT 'pms.recorded'::regproc;
