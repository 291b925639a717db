-- Revert position_manager:functions/pms/upkeep_outbox from pg

BEGIN;

DROP FUNCTION pms.upkeep_outbox;

COMMIT;
