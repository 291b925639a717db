-- Deploy position_manager:functions/pms/due_findings to pg
-- requires: functions/pms/discrepancy_id
-- requires: functions/pms/is_dismissed

BEGIN;

CREATE OR REPLACE FUNCTION pms.due_findings(
    findings pms.finding[],
    is_fixing boolean,
    accepted uuid
)
RETURNS pms.finding[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT f
    FROM unnest(findings) f
    WHERE coalesce(pms.discrepancy_id(f) = accepted, FALSE)
        OR is_fixing AND f.is_fixable AND NOT pms.is_dismissed(f)
)
$$;

COMMENT ON FUNCTION pms.due_findings IS $$Of what was found, what is to be settled now

What the rules allow when is_fixing, unless a person has dismissed it; and the accepted one.$$;

COMMIT;
