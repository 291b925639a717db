-- Revert position_manager:functions/pms/restore_legs from pg

BEGIN;

DROP FUNCTION pms.restore_legs;

COMMIT;
