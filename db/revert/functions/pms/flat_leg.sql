-- Revert position_manager:functions/pms/flat_leg from pg

BEGIN;

DROP FUNCTION pms.flat_leg;

COMMIT;
