-- Verify position_manager:functions/pms/asked_account on pg

SELECT 'pms.asked_account'::regproc;
