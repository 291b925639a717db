-- Verify position_manager:functions/pms/read_order_events on pg

SELECT 'pms.read_order_events'::regproc;
