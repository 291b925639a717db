-- Revert position_manager:migrations/voids from pg

BEGIN;

DROP TABLE pms.voids;

COMMIT;
