BEGIN;

CREATE TABLE pms.restatements (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    cause text NOT NULL,
    earliest_at timestamptz NOT NULL,
    realized_pnl_before numeric NOT NULL,
    realized_pnl_after numeric NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT restatements_pkey PRIMARY KEY (account, id),
    CONSTRAINT restatements_cause_is_known
    CHECK (cause IN ('late', 'bust', 'correction', 'restore'))
);

CREATE INDEX restatements_leg_idx ON pms.restatements (account, asset, mode, leg, recorded_at);

COMMIT;
