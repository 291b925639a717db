-- Verify position_manager:functions/pms/next_snapshots on pg

SELECT 'pms.next_snapshots'::regproc;
