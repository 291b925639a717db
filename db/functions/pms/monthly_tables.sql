-- Deploy position_manager:functions/pms/monthly_tables to pg
-- requires: migrations/audit
-- requires: migrations/portfolio_history
-- requires: migrations/settings
-- requires: migrations/snapshots

BEGIN;

CREATE OR REPLACE FUNCTION pms.monthly_tables()
RETURNS TABLE (place integer, parent regclass, retention interval)
LANGUAGE sql
STABLE
AS $$
SELECT t.place, t.parent, t.retention
FROM pms.settings s
CROSS JOIN LATERAL (
    VALUES
    (1, 'pms.snapshots'::regclass, s.snapshot_retention),
    (2, 'pms.portfolio_history', s.portfolio_history_retention),
    (3, 'pms.audit', interval '400 days')
) t (place, parent, retention)
$$;

COMMENT ON FUNCTION pms.monthly_tables IS
'The tables that are partitioned by months, and for how long their rows are kept.';

COMMIT;
