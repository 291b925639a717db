CREATE TYPE pms.priced_leg AS (
    account text,
    position_id uuid,
    asset text,
    mode text,
    leg text,
    multiplier numeric,
    is_inverse boolean,
    settlement_currency text,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric,
    opened_at timestamptz,
    closed_at timestamptz,
    mark_price numeric,
    priced_at timestamptz,
    usdt_rate numeric,
    unconverted_fees bigint,
    version bigint,
    needs_review boolean,
    created_at timestamptz,
    updated_at timestamptz,
    last_snapshot_at timestamptz
);

COMMENT ON TYPE pms.priced_leg IS $$A leg with all that its published figures are made of

The state of the leg, how its instrument is valued, and the price and the rate of the moment;
mark_price and usdt_rate are null when there is none. Legs of one position agree in all that is the
position's and the instrument's.$$;

CREATE TYPE pms.changed_leg AS (
    account text,
    asset text,
    mode text,
    leg text,
    trace_id text,
    needs_review boolean
);

COMMENT ON TYPE pms.changed_leg IS $$A leg that a transaction changed

trace_id: the trace of what changed it. needs_review: the leg had a reason for review before
the change.$$;

CREATE TYPE pms.position_figures AS (
    account text,
    asset text,
    mode text,
    position_id uuid,
    multiplier numeric,
    is_inverse boolean,
    settlement_currency text,
    mark_price numeric,
    priced_at timestamptz,
    usdt_rate numeric,
    size numeric,
    long_size numeric,
    short_size numeric,
    cost numeric,
    cost_basis numeric,
    market_value numeric,
    exposure numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    fees_paid numeric,
    funding numeric,
    net_pnl numeric,
    unconverted_fees bigint,
    open_legs bigint,
    opened_at timestamptz,
    closed_at timestamptz,
    needs_review boolean,
    is_crossed boolean,
    updated_at timestamptz,
    last_snapshot_at timestamptz,
    created_at timestamptz,
    version bigint
);

COMMENT ON TYPE pms.position_figures IS $$The sums over the legs of a position

Amounts in the settlement currency. market_value and exposure are null when an open leg has no price:
it is not worth 0. unrealized_pnl leaves it out. needs_review: a leg has a reason for review;
is_crossed: a leg is on the wrong side, which is one as well.$$;

CREATE TYPE pms.exposure_change AS (
    account text,
    currency text,
    exposure numeric
);

COMMENT ON TYPE pms.exposure_change IS $$By how much the exposure of an account changes

currency: the settlement currency, in which exposure is.$$;
