-- Revert position_manager:functions/pms/post_prices from pg

BEGIN;

DROP FUNCTION pms.post_prices;

COMMIT;
