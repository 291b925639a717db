-- Revert position_manager:functions/api/validate_positions from pg

BEGIN;

DROP FUNCTION api.validate_positions;

COMMIT;
