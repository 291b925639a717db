BEGIN;

CREATE TABLE pms.amendments (
    account text NOT NULL,
    identity text NOT NULL,
    amends text NOT NULL,
    cause text NOT NULL,
    side text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    executed_at timestamptz,
    amended_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    applied_at timestamptz,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT amendments_pkey PRIMARY KEY (account, identity),
    CONSTRAINT amendments_cause_is_known CHECK (cause IN ('bust', 'correction')),
    CONSTRAINT amendments_side_is_known CHECK (side IN ('buy', 'sell'))
);

CREATE INDEX amendments_entry_idx ON pms.amendments (account, amends);

-- Few: every batch asks whether one of its fills is waited for.
CREATE INDEX amendments_waiting_idx ON pms.amendments (account, amends)
WHERE applied_at IS NULL;

COMMIT;
