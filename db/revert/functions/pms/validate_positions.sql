-- Revert position_manager:functions/pms/validate_positions from pg

BEGIN;

DROP FUNCTION pms.validate_positions;

COMMIT;
