-- Deploy position_manager:migrations/worker_reports to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.worker_reports (
    part text NOT NULL,
    status jsonb NOT NULL,
    reported_at timestamptz NOT NULL,

    CONSTRAINT worker_reports_pkey PRIMARY KEY (part),
    CONSTRAINT worker_reports_part_is_known CHECK (part IN ('ingest', 'relay', 'gateway'))
);

COMMENT ON TABLE pms.worker_reports IS
'What each part of the worker, and the reader of the gateway''s log, last said.';

COMMIT;
