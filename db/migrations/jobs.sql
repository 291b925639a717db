-- Deploy position_manager:migrations/jobs to pg
-- requires: migrations/schemas

BEGIN;

CREATE TYPE pms.job_step AS (
    progress jsonb,
    done text
);

COMMENT ON TYPE pms.job_step IS $$What one step of a job has come to

progress: where the next step goes on, null after the last one; done: what the job has done, in
words, known with the last.$$;

CREATE TABLE pms.job_runs (
    id bigint GENERATED ALWAYS AS IDENTITY,
    job text NOT NULL,
    started_by text NOT NULL,
    status text NOT NULL DEFAULT 'running',
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    steps bigint NOT NULL DEFAULT 0,
    progress jsonb,
    result text,
    error text,
    error_code text,

    CONSTRAINT job_runs_pkey PRIMARY KEY (id),
    CONSTRAINT job_runs_started_by_is_known CHECK (started_by IN ('schedule', 'hand')),
    CONSTRAINT job_runs_status_is_known
    CHECK (status IN ('running', 'succeeded', 'failed', 'broken_off'))
);

CREATE INDEX job_runs_job_idx ON pms.job_runs (job, started_at DESC);
CREATE INDEX job_runs_succeeded_idx
ON pms.job_runs (job, started_at DESC) WHERE status = 'succeeded';

COMMENT ON TABLE pms.job_runs IS $$Every run of a job that did something, kept for a week

The newest success of a job stays, however old: when it is due next depends on it.$$;
COMMENT ON COLUMN pms.job_runs.started_by IS
'schedule: it was due; hand: somebody wanted it at once.';
COMMENT ON COLUMN pms.job_runs.status IS
'broken_off: its session ended in the middle, which the next run has noticed.';
COMMENT ON COLUMN pms.job_runs.progress IS 'Where the next step goes on.';
COMMENT ON COLUMN pms.job_runs.error IS 'Why its last step failed; what came before it is kept.';
COMMENT ON COLUMN pms.job_runs.error_code IS 'SQLSTATE.';

COMMIT;
