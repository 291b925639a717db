-- Verify position_manager:functions/pms/asked_legs on pg

SELECT 'pms.asked_legs'::regproc;
