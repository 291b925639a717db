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
    fee_native numeric,
    fee_rate numeric,
    amount numeric,
    realized numeric,
    version bigint NOT NULL,
    amends text,
    cause text,
    counter_account text,
    executed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT entries_pkey PRIMARY KEY (account, id),
    CONSTRAINT entries_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT entries_kind_is_known
    CHECK (kind IN ('trade', 'opening', 'transfer', 'adjustment', 'funding')),
    CONSTRAINT entries_trade_has_quantity
    CHECK (kind NOT IN ('trade', 'transfer') OR quantity <> 0),
    -- With nothing held there may be something that was earned.
    CONSTRAINT entries_opening_opens
    CHECK (kind <> 'opening' OR quantity <> 0 OR realized IS NOT NULL),
    CONSTRAINT entries_trade_has_value
    CHECK (kind NOT IN ('trade', 'opening', 'transfer') OR price IS NOT NULL OR amount IS NOT NULL),
    CONSTRAINT entries_cash_has_amount
    CHECK (kind NOT IN ('adjustment', 'funding') OR amount IS NOT NULL),
    -- Of nothing nothing is left to cost.
    CONSTRAINT entries_statement_is_whole CHECK (
        kind NOT IN ('opening', 'adjustment') OR (fee = 0 AND (quantity <> 0 OR amount = 0))
    ),
    CONSTRAINT entries_opening_carries_over CHECK (realized IS NULL OR kind = 'opening'),
    CONSTRAINT entries_cause_is_known
    CHECK (cause IN ('venue_average', 'venue_size', 'adoption', 'import')),
    CONSTRAINT entries_quantity_in_range CHECK (abs(quantity) < 1e20 AND scale(quantity) <= 18),
    CONSTRAINT entries_price_in_range CHECK (abs(price) < 1e20 AND scale(price) <= 18),
    CONSTRAINT entries_fee_in_range CHECK (abs(fee) < 1e20 AND scale(fee) <= 18),
    CONSTRAINT entries_amount_is_finite CHECK (abs(amount) < 'Infinity'),
    CONSTRAINT entries_realized_is_finite CHECK (abs(realized) < 'Infinity'),
    CONSTRAINT entries_fee_native_in_range
    CHECK (abs(fee_native) < 1e20 AND scale(fee_native) <= 18),
    CONSTRAINT entries_fee_rate_not_negative CHECK (fee_rate >= 0 AND fee_rate < 'Infinity')
);

-- The fold reads a leg in the order of its events; ties in the order of arrival.
CREATE INDEX entries_leg_in_event_order_idx
ON pms.entries (account, asset, mode, leg, executed_at, id);

-- A cumulative order event asks what its order has applied so far. By an expression, because on a
-- table without statistics the planner takes any index that starts with the account for as good.
-- Two, each entry in one: an execution asks only whether a total has counted it, and where nobody
-- sends totals that one is empty.
CREATE INDEX entries_order_idx ON pms.entries ((account || '/' || order_id))
WHERE identity NOT LIKE 'order:%';

CREATE INDEX entries_total_idx ON pms.entries ((account || '/' || order_id))
WHERE identity LIKE 'order:%';

-- Few: the fees that could not be converted.
CREATE INDEX entries_unconverted_idx ON pms.entries (account, asset, mode, leg)
WHERE fee_native IS NOT NULL AND fee_rate IS NULL;

-- Last on purpose: of indexes that look equal to it the planner takes the newest, and on a table
-- without statistics every index that starts with the account looks equal.
ALTER TABLE pms.entries ADD CONSTRAINT entries_identity_key UNIQUE (account, identity);

COMMIT;
