-- Revert position_manager:functions/pms/read_order_events from pg

BEGIN;

DROP FUNCTION pms.read_order_events;

COMMIT;
