-- Revert position_manager:functions/pms/keep_checkpoints from pg

BEGIN;

DROP FUNCTION pms.keep_checkpoints;

COMMIT;
