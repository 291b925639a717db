-- Revert position_manager:migrations/instruments from pg

BEGIN;

DROP TABLE pms.instruments;

COMMIT;
