-- Revert position_manager:migrations/restatements from pg

BEGIN;

DROP TABLE pms.restatements;

COMMIT;
