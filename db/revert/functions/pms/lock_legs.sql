-- Revert position_manager:functions/pms/lock_legs from pg

BEGIN;

DROP FUNCTION pms.lock_legs;

COMMIT;
