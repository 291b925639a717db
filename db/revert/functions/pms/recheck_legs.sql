-- Revert position_manager:functions/pms/recheck_legs from pg

BEGIN;

DROP FUNCTION pms.recheck_legs;

COMMIT;
