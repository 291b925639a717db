-- Verify position_manager:functions/pms/last_verification on pg

SELECT 'pms.last_verification'::regproc;
