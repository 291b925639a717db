-- Revert position_manager:functions/pms/flag_legs from pg

BEGIN;

DROP FUNCTION pms.flag_legs;

COMMIT;
