-- Deploy position_manager:migrations/entries to pg
-- requires: migrations/instruments

BEGIN;

CREATE TABLE pms.entries (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    order_id text,
    quantity numeric NOT NULL,
    price numeric,
    fee numeric NOT NULL DEFAULT 0,
    fee_currency text,
    amount numeric NOT NULL DEFAULT 0,
    executed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT entries_pkey PRIMARY KEY (account, id),
    CONSTRAINT entries_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT entries_kind_is_known
    CHECK (kind IN ('trade', 'opening', 'adjustment', 'funding')),
    CONSTRAINT entries_trade_has_quantity
    CHECK (kind NOT IN ('trade', 'opening') OR quantity <> 0),
    CONSTRAINT entries_trade_has_price
    CHECK (kind NOT IN ('trade', 'opening') OR price IS NOT NULL),
    CONSTRAINT entries_quantity_in_range CHECK (abs(quantity) < 1e20 AND scale(quantity) <= 18),
    CONSTRAINT entries_price_in_range CHECK (abs(price) < 1e20 AND scale(price) <= 18),
    CONSTRAINT entries_fee_in_range CHECK (abs(fee) < 1e20 AND scale(fee) <= 18),
    CONSTRAINT entries_amount_is_finite CHECK (abs(amount) < 'Infinity')
);

-- The fold reads a leg in the order of its events; ties in the order of arrival.
CREATE INDEX entries_leg_in_event_order_idx
ON pms.entries (account, asset, mode, leg, executed_at, id);
-- A cumulative order event asks what its order has applied so far. By an expression, because on a
-- table without statistics the planner takes any index that starts with the account for as good.
CREATE INDEX entries_order_idx ON pms.entries ((account || '/' || order_id));
-- Last on purpose: of indexes that look equal to it the planner takes the newest, and on a table
-- without statistics every index that starts with the account looks equal.
ALTER TABLE pms.entries ADD CONSTRAINT entries_identity_key UNIQUE (account, identity);

COMMENT ON TABLE pms.entries IS $$The ledger: every entry that ever changed a position

Append-only: a correction is another entry. A position is the fold of its entries.$$;
COMMENT ON COLUMN pms.entries.identity IS
'What makes an entry the same entry when it is sent again; unique in its account for ever.';
COMMENT ON COLUMN pms.entries.quantity IS 'Signed: + buys, - sells.';
COMMENT ON COLUMN pms.entries.fee IS 'In the settlement currency; a rebate is negative.';
COMMENT ON COLUMN pms.entries.amount IS
'Funding: the cash received (+) or paid (-); adjustment: the change in cost; else 0.';
COMMENT ON COLUMN pms.entries.executed_at IS 'Event time: when it happened at the venue.';
COMMENT ON COLUMN pms.entries.recorded_at IS 'When we learned of it.';

COMMIT;
