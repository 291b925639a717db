-- Revert position_manager:functions/pms/next_leg from pg

BEGIN;

DROP FUNCTION pms.next_leg;

COMMIT;
