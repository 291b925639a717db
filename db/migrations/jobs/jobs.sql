BEGIN;

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
    CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted'))
);

CREATE INDEX job_runs_job_idx ON pms.job_runs (job, started_at DESC);

CREATE INDEX job_runs_succeeded_idx
ON pms.job_runs (job, started_at DESC) WHERE status = 'succeeded';

COMMIT;
