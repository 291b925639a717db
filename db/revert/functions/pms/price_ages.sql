-- Revert position_manager:functions/pms/price_ages from pg

BEGIN;

DROP FUNCTION pms.price_ages;

COMMIT;
