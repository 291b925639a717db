-- Verify position_manager:functions/pms/month_partitions on pg

SELECT 'pms.month_partitions'::regproc;
