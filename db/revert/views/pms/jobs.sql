-- Revert position_manager:views/pms/jobs from pg

BEGIN;

DROP VIEW pms.jobs;

COMMIT;
