-- Verify position_manager:migrations/positions on pg

SELECT
    account,
    asset,
    mode,
    leg,
    position_id,
    size,
    cost,
    realized,
    fees_open,
    fees_close,
    funding,
    opened_at,
    closed_at,
    last_executed_at,
    current_price,
    version,
    entries,
    checkpointed,
    needs_review,
    last_snapshot_at,
    created_at,
    updated_at
FROM pms.positions
WHERE FALSE;
