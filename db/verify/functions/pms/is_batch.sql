-- Verify position_manager:functions/pms/is_batch on pg

SELECT 'pms.is_batch'::regproc;
