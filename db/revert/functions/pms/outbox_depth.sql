-- Revert position_manager:functions/pms/outbox_depth from pg

BEGIN;

DROP FUNCTION pms.outbox_depth;

COMMIT;
