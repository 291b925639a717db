-- Verify position_manager:functions/pms/snapshot_position on pg

SELECT 'pms.snapshot_position'::regproc;
