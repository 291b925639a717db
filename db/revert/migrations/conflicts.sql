-- Revert position_manager:migrations/conflicts from pg

BEGIN;

DROP TABLE pms.conflicts;

COMMIT;
