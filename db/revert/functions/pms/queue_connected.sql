-- Revert position_manager:functions/pms/queue_connected from pg

BEGIN;

DROP FUNCTION pms.queue_connected;

COMMIT;
