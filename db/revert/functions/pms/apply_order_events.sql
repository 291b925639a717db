-- Revert position_manager:functions/pms/apply_order_events from pg

BEGIN;

DROP FUNCTION pms.apply_order_events;

COMMIT;
