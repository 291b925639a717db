-- Revert position_manager:functions/api/validate_position from pg

BEGIN;

DROP FUNCTION api.validate_position;

COMMIT;
