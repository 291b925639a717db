-- Revert position_manager:functions/pms/read_prices from pg

BEGIN;

DROP FUNCTION pms.read_prices;

COMMIT;
