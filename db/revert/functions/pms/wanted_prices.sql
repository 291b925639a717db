-- Revert position_manager:functions/pms/wanted_prices from pg

BEGIN;

DROP FUNCTION pms.wanted_prices;

COMMIT;
