BEGIN;

DROP TABLE pms.job_runs;

COMMIT;
