-- Revert position_manager:migrations/amendments from pg

BEGIN;

DROP TABLE pms.amendments;

COMMIT;
