-- Revert position_manager:functions/pms/recorded from pg

BEGIN;

DROP FUNCTION pms.recorded;

COMMIT;
