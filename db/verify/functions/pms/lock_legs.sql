-- Verify position_manager:functions/pms/lock_legs on pg

SELECT 'pms.lock_legs'::regproc;
