-- Deploy position_manager:migrations/snapshots to pg
-- requires: migrations/schemas

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

-- Where the month of a snapshot has no partition yet, it is not lost: see pms.keep_months.
CREATE TABLE pms.snapshots_default
PARTITION OF pms.snapshots DEFAULT;

COMMENT ON TABLE pms.snapshots IS $$What a position was at a moment, for analytics and training

A position has one snapshot of a moment at most. By months, in UTC, so that forgetting one is
dropping a table. The columns are those of api.positions, every field of the API among them: what
the contract calls snapshot_data is made of these when it is asked for, by pms.position_json: kept
beside them it would take three times the room (1,253 bytes a row instead of 398, of the index 80),
to spare a reader 12 microseconds a row.$$;
COMMENT ON COLUMN pms.snapshots.created_at IS
'The moment; the same for all that are taken in one run.';
COMMENT ON COLUMN pms.snapshots.position_created_at IS 'When we first knew of the position.';

COMMIT;
