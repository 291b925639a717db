-- Revert position_manager:functions/api/bust_fill from pg

BEGIN;

DROP FUNCTION api.bust_fill;

COMMIT;
