-- Deploy position_manager:functions/api/begin_job to pg
-- requires: functions/pms/begin_job
-- requires: functions/pms/note_command

BEGIN;

CREATE OR REPLACE FUNCTION api.begin_job(job text, only_when_due boolean DEFAULT FALSE)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    begun record;
BEGIN
    SELECT b.run, b.said
    INTO STRICT begun
    FROM pms.begin_job(begin_job.job, begin_job.only_when_due) b;

    -- Whoever runs what is due asks for every job once a minute.
    IF begun.run IS NOT NULL THEN
        PERFORM pms.note_command(
            'begin_job', jsonb_build_object('job', begin_job.job, 'run', begun.run)
        );
    END IF;

    RETURN jsonb_build_object('run', begun.run, 'said', begun.said);
END
$$;

COMMENT ON FUNCTION api.begin_job IS
$$Begin a run of a job, unless another session does or it is not due

Answers {run, said}. Commit, then hand run to continue_job, and commit, until its status is not
running; nobody else runs the job until this session ends. run null: there is nothing to do, and
said says why. job: as api.jobs lists them. only_when_due: not before its interval has passed since
its last success began.

Refuses with:
- 22023 when there is no such job$$;

GRANT EXECUTE ON FUNCTION api.begin_job TO pms_operator;

COMMIT;
