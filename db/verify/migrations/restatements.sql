-- Verify position_manager:migrations/restatements on pg

SELECT
    account,
    id,
    asset,
    mode,
    leg,
    earliest_at,
    realized_before,
    realized_after,
    recorded_at
FROM pms.restatements
WHERE FALSE;
