CREATE OR REPLACE VIEW compat.position_snapshots WITH (security_barrier = TRUE) AS
SELECT
    s.id,
    s.position_id,
    s.asset,
    s.mode,
    pms.position_json(pms.snapshot_position(s)) AS snapshot_data,
    s.created_at
FROM pms.snapshots s
CROSS JOIN pms.settings c
WHERE s.account = 'main'
    AND c.compat;

COMMENT ON VIEW compat.position_snapshots IS $$Snapshots of the positions of account main

Read-only, and empty while POSITION_MANAGER_COMPAT is off.$$;

COMMENT ON COLUMN compat.position_snapshots.id IS 'The id of the snapshot.';

COMMENT ON COLUMN compat.position_snapshots.position_id IS 'The id of the position.';

COMMENT ON COLUMN compat.position_snapshots.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN compat.position_snapshots.mode IS 'one-way or hedge.';

COMMENT ON COLUMN compat.position_snapshots.snapshot_data IS
'The position as the API returned it at that time; amounts are strings.';

COMMENT ON COLUMN compat.position_snapshots.created_at IS 'The time of the snapshot.';

GRANT SELECT ON compat.position_snapshots TO pms_compat;
