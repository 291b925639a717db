-- Deploy position_manager:functions/pms/snapshot_moment to pg
-- requires: migrations/positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.snapshot_moment(account text DEFAULT NULL)
RETURNS timestamptz
LANGUAGE sql
AS $$
SELECT greatest(clock_timestamp(), max(p.last_snapshot_at) + INTERVAL '1 microsecond')
FROM pms.positions p
WHERE snapshot_moment.account IS NULL OR p.account = snapshot_moment.account
$$;

COMMENT ON FUNCTION pms.snapshot_moment IS $$The moment of snapshots that are begun now

Later than any before it, also when the clock was set back. account null: of all accounts.$$;

COMMIT;
