-- Revert position_manager:functions/pms/price_at from pg

BEGIN;

DROP FUNCTION pms.price_at;

COMMIT;
