-- Revert position_manager:functions/api/record_transfer from pg

BEGIN;

DROP FUNCTION api.record_transfer;

COMMIT;
