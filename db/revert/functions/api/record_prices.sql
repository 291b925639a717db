-- Revert position_manager:functions/api/record_prices from pg

BEGIN;

DROP FUNCTION api.record_prices;

COMMIT;
