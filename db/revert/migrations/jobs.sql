-- Revert position_manager:migrations/jobs from pg

BEGIN;

DROP TYPE pms.job_step;

COMMIT;
