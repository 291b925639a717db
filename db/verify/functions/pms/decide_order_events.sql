-- Verify position_manager:functions/pms/decide_order_events on pg

SELECT 'pms.decide_order_events'::regproc;
