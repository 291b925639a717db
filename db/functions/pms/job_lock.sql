-- Deploy position_manager:functions/pms/job_lock to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.job_lock(job text)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
RETURN hashtextextended('pms.jobs/' || job, 0);

COMMENT ON FUNCTION pms.job_lock IS
'The advisory lock of the session that runs a job: one at a time.';

COMMIT;
