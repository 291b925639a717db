-- Revert position_manager:functions/pms/decide_order_events from pg

BEGIN;

DROP FUNCTION pms.decide_order_events;

COMMIT;
