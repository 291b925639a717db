-- Revert position_manager:functions/pms/check_position from pg

BEGIN;

DROP FUNCTION pms.check_position;

COMMIT;
