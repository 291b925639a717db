-- Deploy position_manager:migrations/audit to pg
-- requires: migrations/schemas

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

COMMENT ON TABLE pms.audit IS $$Every command that was answered: who, what, and what became of it

Written in the transaction of the command: there is no change without its row, and no row of what
was rolled back.$$;
COMMENT ON COLUMN pms.audit.key_id IS 'The key by which it came over HTTP; null: by SQL.';
COMMENT ON COLUMN pms.audit.role IS 'The role that asked.';
COMMENT ON COLUMN pms.audit.account IS 'The account it was about; null: of none, or of several.';

COMMIT;
