-- Revert position_manager:functions/pms/price_range from pg

BEGIN;

DROP FUNCTION pms.price_range;

COMMIT;
