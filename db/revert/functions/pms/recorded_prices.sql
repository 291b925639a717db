-- Revert position_manager:functions/pms/recorded_prices from pg

BEGIN;

DROP FUNCTION pms.recorded_prices;

COMMIT;
