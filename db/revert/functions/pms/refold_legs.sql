-- Revert position_manager:functions/pms/refold_legs from pg

BEGIN;

DROP FUNCTION pms.refold_legs;

COMMIT;
