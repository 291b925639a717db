BEGIN;

DROP TABLE pms.worker_reports;

COMMIT;
