-- Verify position_manager:functions/pms/keep_partitions on pg

SELECT 'pms.keep_partitions'::regproc;
