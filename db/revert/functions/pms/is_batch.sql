-- Revert position_manager:functions/pms/is_batch from pg

BEGIN;

DROP FUNCTION pms.is_batch;

COMMIT;
