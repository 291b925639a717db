-- Revert position_manager:functions/pms/amended_legs from pg

BEGIN;

DROP FUNCTION pms.amended_legs;

COMMIT;
