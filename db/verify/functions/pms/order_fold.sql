-- Verify position_manager:functions/pms/order_fold on pg

SELECT 'pms.order_fold'::regproc;
