SELECT
    account,
    asset,
    mode,
    leg,
    size,
    average_price,
    mark_price,
    unrealized_pnl,
    realized_pnl,
    seq,
    reported_at,
    recorded_at,
    trace_id,
    unexplained_since
FROM pms.venue_positions
WHERE FALSE;
