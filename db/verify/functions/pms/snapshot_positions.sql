-- Verify position_manager:functions/pms/snapshot_positions on pg

SELECT 'pms.snapshot_positions'::regproc;
