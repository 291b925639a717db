BEGIN;

CREATE TABLE pms.venue_positions (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    size numeric NOT NULL,
    average_price numeric,
    mark_price numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    seq bigint,
    reported_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,
    unexplained_since timestamptz,

    CONSTRAINT venue_positions_pkey PRIMARY KEY (account, asset, mode, leg),
    CONSTRAINT venue_positions_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT venue_positions_size_in_range CHECK (abs(size) < 1e20 AND scale(size) <= 18)
);

-- Nearly always empty: asked about every second.
CREATE INDEX venue_positions_unexplained_idx
ON pms.venue_positions (unexplained_since)
WHERE unexplained_since IS NOT NULL;

COMMIT;
