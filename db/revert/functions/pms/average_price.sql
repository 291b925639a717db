-- Revert position_manager:functions/pms/average_price from pg

BEGIN;

DROP FUNCTION pms.average_price;

COMMIT;
