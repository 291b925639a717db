-- Deploy position_manager:functions/pms/is_dismissed to pg
-- requires: functions/pms/discrepancy_id
-- requires: migrations/discrepancies

BEGIN;

CREATE OR REPLACE FUNCTION pms.is_dismissed(f pms.finding)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.discrepancies d
    WHERE d.account = (f).account
        AND d.id = pms.discrepancy_id(f)
        AND d.status = 'dismissed'
        AND (d.ours, d.theirs) IS NOT DISTINCT FROM ((f).ours, (f).theirs)
)
$$;

COMMENT ON FUNCTION pms.is_dismissed IS
'Whether a person has decided that this may differ, by these very values.';

COMMIT;
