-- Revert position_manager:migrations/price_minutes from pg

BEGIN;

DROP TABLE pms.price_minutes;

COMMIT;
