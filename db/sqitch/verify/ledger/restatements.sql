SELECT
    account,
    id,
    asset,
    mode,
    leg,
    cause,
    earliest_at,
    realized_pnl_before,
    realized_pnl_after,
    recorded_at,
    trace_id
FROM pms.restatements
WHERE FALSE;
