-- Revert position_manager:migrations/covered_fills from pg

BEGIN;

DROP TABLE pms.covered_fills;

COMMIT;
