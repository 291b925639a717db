-- Deploy position_manager:migrations/orders to pg
-- requires: migrations/types

BEGIN;

CREATE TABLE pms.orders (
    account text NOT NULL,
    order_id text NOT NULL,
    applied pms.order_applied NOT NULL,

    CONSTRAINT orders_pkey PRIMARY KEY (account, order_id)
);

COMMENT ON TABLE pms.orders IS $$What the orders that send totals have applied

An order has a row from its first total on. One that sends executions only has none: its entries
say all.$$;

CREATE TABLE pms.covered_fills (
    account text NOT NULL,
    identity text NOT NULL,
    order_id text NOT NULL,
    asset text NOT NULL,
    leg text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    fee numeric NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT covered_fills_pkey PRIMARY KEY (account, identity)
);

COMMENT ON TABLE pms.covered_fills IS $$Executions that a total of their order had counted before

In whole: the ledger has no entry of theirs; or in part: their entry is what was left. Kept as they
were reported, so that sent again they are known.$$;

COMMIT;
