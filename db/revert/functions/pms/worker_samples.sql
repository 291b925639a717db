-- Revert position_manager:functions/pms/worker_samples from pg

BEGIN;

DROP FUNCTION pms.worker_samples;

COMMIT;
