BEGIN;

CREATE TABLE pms.audit (
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    key_id text,
    role text NOT NULL,
    command text NOT NULL,
    arguments jsonb NOT NULL,
    account text,
    asset text,
    outcome text NOT NULL,
    trace_id text,

    CONSTRAINT audit_pkey PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);

CREATE TABLE
pms.audit_default PARTITION OF pms.audit DEFAULT;

CREATE INDEX audit_account_idx ON pms.audit (account, recorded_at);

CREATE INDEX audit_trace_id_idx ON pms.audit (trace_id);

COMMIT;
