-- Revert position_manager:functions/pms/position_legs from pg

BEGIN;

DROP FUNCTION pms.position_legs;

COMMIT;
