-- Deploy position_manager:functions/pms/next_snapshots to pg
-- requires: migrations/positions
-- requires: migrations/verifications

BEGIN;

CREATE OR REPLACE FUNCTION pms.next_snapshots(
    taken_at timestamptz,
    after pms.position_key,
    account text DEFAULT NULL,
    size integer DEFAULT 100
)
RETURNS SETOF pms.position_key
LANGUAGE sql
STABLE
AS $$
SELECT p.account, p.asset, p.mode
FROM pms.positions p
WHERE p.version > 0
    AND (next_snapshots.account IS NULL OR p.account = next_snapshots.account)
    AND (p.account, p.asset, p.mode) > (
        coalesce((next_snapshots.after).account, ''),
        coalesce((next_snapshots.after).asset, ''),
        coalesce((next_snapshots.after).mode, '')
    )
GROUP BY p.account, p.asset, p.mode
HAVING (
    bool_or(p.size <> 0)
    OR bool_or(p.updated_at > coalesce(p.last_snapshot_at, '-infinity'))
)
AND coalesce(max(p.last_snapshot_at) < next_snapshots.taken_at, TRUE)
ORDER BY p.account, p.asset, p.mode
LIMIT next_snapshots.size
$$;

COMMENT ON FUNCTION pms.next_snapshots IS $$The next positions of which a snapshot is due

Those that are open or have changed since their last one, without the ones of which there is a
newer one than taken_at. after null: from the first; account null: of all accounts.$$;

COMMIT;
