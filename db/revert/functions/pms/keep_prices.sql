-- Revert position_manager:functions/pms/keep_prices from pg

BEGIN;

DROP FUNCTION pms.keep_prices;

COMMIT;
