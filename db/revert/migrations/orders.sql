-- Revert position_manager:migrations/orders from pg

BEGIN;

DROP TABLE pms.covered_fills;
DROP TABLE pms.orders;

COMMIT;
