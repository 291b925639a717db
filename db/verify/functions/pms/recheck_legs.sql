-- Verify position_manager:functions/pms/recheck_legs on pg

SELECT 'pms.recheck_legs'::regproc;
