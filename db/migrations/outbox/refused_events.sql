-- Only adds.
BEGIN;

CREATE TABLE pms.refused_events (
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    trace_id text,
    created_at timestamptz NOT NULL,

    CONSTRAINT refused_events_pkey PRIMARY KEY (type, sequence)
);

COMMIT;
