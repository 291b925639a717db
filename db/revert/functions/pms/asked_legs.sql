-- Revert position_manager:functions/pms/asked_legs from pg

BEGIN;

DROP FUNCTION pms.asked_legs;

COMMIT;
