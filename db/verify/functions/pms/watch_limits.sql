-- Verify position_manager:functions/pms/watch_limits on pg

SELECT 'pms.watch_limits'::regproc;
