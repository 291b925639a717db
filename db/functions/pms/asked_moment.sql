-- Deploy position_manager:functions/pms/asked_moment to pg
-- requires: functions/pms/time_text

BEGIN;

CREATE OR REPLACE FUNCTION pms.asked_moment(as_of timestamptz, known_at timestamptz)
RETURNS jsonb
LANGUAGE sql
AS $$
SELECT CASE
    WHEN asked_moment.as_of IS NULL AND asked_moment.known_at IS NULL THEN '{}'
    ELSE jsonb_build_object(
        'as_of', pms.time_text(coalesce(asked_moment.as_of, clock_timestamp())),
        'known_at', pms.time_text(coalesce(asked_moment.known_at, clock_timestamp()))
    )
END
$$;

COMMENT ON FUNCTION pms.asked_moment IS $$What an answer says of the moment it is about

Nothing when neither was asked for; else both, so that the same can be asked for again.$$;

COMMIT;
