-- Revert position_manager:functions/pms/folded_legs from pg

BEGIN;

DROP FUNCTION pms.folded_legs;

COMMIT;
