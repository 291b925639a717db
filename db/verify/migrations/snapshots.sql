-- Verify position_manager:migrations/snapshots on pg

SELECT
    account,
    id,
    position_id,
    asset,
    mode,
    snapshot_data,
    created_at
FROM pms.snapshots
WHERE FALSE;
