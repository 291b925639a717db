-- Revert position_manager:functions/api/check_fill from pg

BEGIN;

DROP FUNCTION api.check_fill;

COMMIT;
