-- Revert position_manager:functions/pms/present_legs from pg

BEGIN;

DROP FUNCTION pms.present_legs;

COMMIT;
