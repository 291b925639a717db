-- Verify position_manager:functions/pms/snapshot_moment on pg

SELECT 'pms.snapshot_moment'::regproc;
