-- Revert position_manager:functions/api/record_fill from pg

BEGIN;

DROP FUNCTION api.record_fill;

COMMIT;
