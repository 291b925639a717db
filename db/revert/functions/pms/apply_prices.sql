-- Revert position_manager:functions/pms/apply_prices from pg

BEGIN;

DROP FUNCTION pms.apply_prices;

COMMIT;
