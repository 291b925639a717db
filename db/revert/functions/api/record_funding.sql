-- Revert position_manager:functions/api/record_funding from pg

BEGIN;

DROP FUNCTION api.record_funding;

COMMIT;
