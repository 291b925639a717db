-- Verify position_manager:functions/pms/take_snapshot on pg

SELECT 'pms.take_snapshot'::regproc;
