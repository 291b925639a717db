-- Verify position_manager:functions/pms/asked_time on pg

SELECT 'pms.asked_time'::regproc;
