-- Deploy position_manager:functions/pms/watch_limits to pg
-- requires: functions/pms/note_breaches
-- requires: functions/pms/portfolio_json
-- requires: functions/pms/present_legs
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.watch_limits(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
-- One step: limits are judged together. What was noted is read by the next statement.
SELECT pms.note_breaches(
    pms.portfolio_json(pms.present_legs(NULL), NULL, NULL) -> 'limits'
);

SELECT
    NULL::jsonb,
    format(
        '%s limits watched, %s breached',
        (SELECT count(*) FROM pms.limits l),
        (SELECT count(*) FROM pms.limit_breaches b WHERE b.ended_at IS NULL)
    )
$$;

COMMENT ON FUNCTION pms.watch_limits IS $$A job: look whether the limits hold

A step of it, see pms.job_step. While positions change the announcing of the portfolio does the
same; this is for what changes by itself: a day ends, a limit is set or removed. Safe to repeat.$$;

COMMIT;
