-- Verify position_manager:functions/pms/keep_orders on pg

SELECT 'pms.keep_orders'::regproc;
