-- Revert position_manager:functions/pms/forget_prices from pg

BEGIN;

DROP FUNCTION pms.forget_prices;

COMMIT;
