-- Verify position_manager:functions/pms/lock_position on pg

SELECT 'pms.lock_position'::regproc;
