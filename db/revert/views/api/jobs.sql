-- Revert position_manager:views/api/jobs from pg

BEGIN;

DROP VIEW api.jobs;

COMMIT;
