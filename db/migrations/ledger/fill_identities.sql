-- Only adds.
BEGIN;

-- An execution that came without its order id, and again with it.
CREATE TABLE pms.execution_orders (
    account text NOT NULL,
    order_id text NOT NULL,
    entry_id bigint NOT NULL,

    CONSTRAINT execution_orders_pkey PRIMARY KEY (account, entry_id)
);

CREATE INDEX execution_orders_order_idx ON pms.execution_orders (account, order_id);

CREATE TABLE pms.suspected_repeats (
    id bigint GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    identity text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    order_id text,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    fee numeric NOT NULL,
    fee_currency text,
    executed_at timestamptz,
    message jsonb NOT NULL,
    source text NOT NULL,
    detail text,
    status text NOT NULL DEFAULT 'waiting',
    seen_count integer NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT suspected_repeats_pkey PRIMARY KEY (account, id),
    CONSTRAINT suspected_repeats_identity_key UNIQUE (account, identity),
    CONSTRAINT suspected_repeats_status_is_known CHECK (status IN ('waiting', 'counted', 'dropped'))
);

CREATE POLICY in_scope ON pms.suspected_repeats AS RESTRICTIVE FOR SELECT TO pms_bound USING (
    account = any(string_to_array(current_setting('pms.account_scope', TRUE), ','))
);
CREATE POLICY readable ON pms.suspected_repeats FOR SELECT USING (TRUE);
ALTER TABLE pms.suspected_repeats ENABLE ROW LEVEL SECURITY;

ALTER TABLE pms.subsumed_executions
ADD COLUMN fee_currency text,
ADD COLUMN executed_at timestamptz;

-- Of several executions that share an id; the first is found by the primary key.
CREATE INDEX subsumed_executions_match_idx
ON pms.subsumed_executions (account, substr(identity, 24))
WHERE identity LIKE 'match:%';

-- Which of the fills that share an execution id a bust or correction names.
ALTER TABLE pms.amendments
ADD COLUMN named_asset text,
ADD COLUMN named_leg text,
ADD COLUMN named_side text,
ADD COLUMN named_order text;

COMMIT;
