-- Revert position_manager:migrations/snapshots from pg

BEGIN;

DROP TABLE pms.snapshots;

COMMIT;
