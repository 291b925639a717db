-- Verify position_manager:functions/pms/take_snapshots on pg

SELECT 'pms.take_snapshots'::regproc;
