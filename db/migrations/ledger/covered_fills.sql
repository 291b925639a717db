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

COMMIT;
