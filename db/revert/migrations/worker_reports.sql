-- Revert position_manager:migrations/worker_reports from pg

BEGIN;

DROP TABLE pms.worker_reports;

COMMIT;
