-- Verify position_manager:functions/pms/continue_verification on pg

SELECT 'pms.continue_verification'::regproc;
