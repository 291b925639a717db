-- Revert position_manager:migrations/checkpoints from pg

BEGIN;

DROP TABLE pms.checkpoints;

COMMIT;
