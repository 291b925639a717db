BEGIN;

CREATE TABLE pms.worker_reports (
    part text NOT NULL,
    status jsonb NOT NULL,
    reported_at timestamptz NOT NULL,

    CONSTRAINT worker_reports_pkey PRIMARY KEY (part),
    CONSTRAINT worker_reports_part_is_known CHECK (part IN ('ingest', 'relay', 'gateway'))
);

COMMIT;
