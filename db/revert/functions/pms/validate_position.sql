-- Revert position_manager:functions/pms/validate_position from pg

BEGIN;

DROP FUNCTION pms.validate_position;

COMMIT;
