BEGIN;

CREATE TABLE pms.snapshots (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    created_at timestamptz NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    size numeric NOT NULL,
    average_entry_price numeric,
    current_price numeric,
    unrealized_pnl numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    long_size numeric,
    short_size numeric,
    unrealized_pnl_pct numeric,
    time_held_minutes bigint,
    position_size_norm numeric,
    cost_basis numeric NOT NULL,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    fees_paid numeric NOT NULL,
    funding numeric NOT NULL,
    net_pnl numeric NOT NULL,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    settlement_currency text NOT NULL,
    unconverted_fees bigint NOT NULL,
    price_status text NOT NULL,
    price_updated_at timestamptz,
    needs_review boolean NOT NULL,
    last_updated timestamptz NOT NULL,
    last_snapshot_at timestamptz NOT NULL,
    closed_at timestamptz,
    position_created_at timestamptz NOT NULL,
    version bigint NOT NULL,

    -- Also the index of every question about a position, for it is read from either end.
    CONSTRAINT snapshots_pkey PRIMARY KEY (account, asset, mode, created_at)
)
PARTITION BY RANGE (created_at);

-- Where the month of a snapshot has no partition yet, it is not lost: see pms.maintain_table.
CREATE TABLE pms.snapshots_default
PARTITION OF pms.snapshots DEFAULT;

COMMIT;
