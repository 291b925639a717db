-- Deploy position_manager:migrations/covered_fills to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.covered_fills (
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

    CONSTRAINT covered_fills_pkey PRIMARY KEY (account, identity)
);

CREATE INDEX covered_fills_order_idx ON pms.covered_fills (account, order_id);

COMMENT ON TABLE pms.covered_fills IS $$Executions that a total of their order had counted before

In whole: the ledger has no entry of theirs; or in part: their entry is what was left, at the price
that makes the cost of the order right. Kept as they were reported, so that sent again they are
known, and the executions of an order can be summed.$$;
COMMENT ON COLUMN pms.covered_fills.counted_quantity IS
'How much of it the ledger counts by an entry of its own, unsigned; 0: nothing.';

COMMIT;
