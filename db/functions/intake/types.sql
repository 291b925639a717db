-- One report of the venue as it walks through a batch.
CREATE TYPE pms.venue_report AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    account text,
    asset text,
    mode text,
    leg text,
    size numeric,
    average_price numeric,
    mark_price numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    seq bigint,
    reported_at timestamptz
);

COMMENT ON TYPE pms.venue_report IS $$One position as the venue reports it: read, then decided

size is signed; a missing mark price is implied by size, average and unrealized PnL.$$;
