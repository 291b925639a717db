-- Revert position_manager:migrations/prices from pg

BEGIN;

DROP TABLE pms.prices;

COMMIT;
