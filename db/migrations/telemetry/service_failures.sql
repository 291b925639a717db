-- Only adds.
BEGIN;

CREATE TABLE pms.service_failures (
    reason text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    began_at timestamptz NOT NULL,
    announced_at timestamptz,

    CONSTRAINT service_failures_pkey PRIMARY KEY (reason, subject)
);

COMMIT;
