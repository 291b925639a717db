-- Deploy position_manager:functions/pms/keep_portfolio_history to pg
-- requires: functions/pms/keep_totals
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_portfolio_history(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
-- One step, however many accounts there are: a minute is one statement.
SELECT
    NULL::jsonb,
    CASE k.kept
        WHEN 0 THEN 'this minute is kept already'
        ELSE format('the totals of %s accounts kept, and of all together', k.kept - 1)
    END
FROM pms.keep_totals(clock_timestamp()) k (kept)
$$;

COMMENT ON FUNCTION pms.keep_portfolio_history IS $$A job: keep the totals of this minute

A step of it, see pms.job_step. Safe to repeat: a minute is kept once.$$;

COMMIT;
