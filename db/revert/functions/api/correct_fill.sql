-- Revert position_manager:functions/api/correct_fill from pg

BEGIN;

DROP FUNCTION api.correct_fill;

COMMIT;
