-- Revert position_manager:functions/api/record_price from pg

BEGIN;

DROP FUNCTION api.record_price;

COMMIT;
