-- Revert position_manager:migrations/positions from pg

BEGIN;

DROP TABLE pms.positions;

COMMIT;
