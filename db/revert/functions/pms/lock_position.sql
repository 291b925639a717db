-- Revert position_manager:functions/pms/lock_position from pg

BEGIN;

DROP FUNCTION pms.lock_position;

COMMIT;
