-- Verify position_manager:functions/pms/apply_order_events on pg

SELECT 'pms.apply_order_events'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.apply_order_events'::regproc, 'EXECUTE')::int;
