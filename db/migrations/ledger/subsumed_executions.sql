BEGIN;

CREATE TABLE pms.subsumed_executions (
    account text NOT NULL,
    identity text NOT NULL,
    order_id text NOT NULL,
    asset text NOT NULL,
    leg text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    fee numeric NOT NULL,
    counted_quantity numeric NOT NULL,
    counted_price numeric NOT NULL,
    counted_fee numeric NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT subsumed_executions_pkey PRIMARY KEY (account, identity)
);

CREATE INDEX subsumed_executions_order_idx ON pms.subsumed_executions (account, order_id);

COMMIT;
