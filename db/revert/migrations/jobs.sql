-- Revert position_manager:migrations/jobs from pg

BEGIN;

DROP TABLE pms.job_runs;
DROP TYPE pms.job_step;

COMMIT;
