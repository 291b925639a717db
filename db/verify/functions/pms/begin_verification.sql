-- Verify position_manager:functions/pms/begin_verification on pg

SELECT 'pms.begin_verification'::regproc;
