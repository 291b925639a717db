-- Deploy position_manager:functions/pms/asked_time to pg
-- requires: functions/pms/time_or_null

BEGIN;

CREATE OR REPLACE FUNCTION pms.asked_time(literal text)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
AS $$
SELECT least(
    greatest(t.moment, '0001-01-01T00:00:00Z'::timestamptz),
    '9999-12-31T23:59:59.999999Z'::timestamptz
)
FROM (SELECT pms.time_or_null(upper(asked_time.literal)) AS moment) t
WHERE t.moment IS NOT NULL
$$;

COMMENT ON FUNCTION pms.asked_time IS $$The moment that a request asks for, or null when it is none

What a zone moves out of the years 1 to 9999 is their first or last moment: an answer names the
moment that it is about, and could not write another.$$;

COMMIT;
