-- Deploy position_manager:functions/pms/iso_time to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.iso_time(literal text)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
AS $$
SELECT CASE
    -- Keeps out what PostgreSQL would also take as a time: now, infinity, local formats.
    WHEN literal NOT LIKE '____-__-__T__:__%' AND literal NOT LIKE '____-__-__ __:__%'
        OR literal !~ '^[0-9TZ:.+ -]+$'
        THEN NULL
    -- Neighbours that name no zone mean UTC.
    WHEN literal LIKE '%Z' OR substr(literal, 12) ~ '[+-]' THEN literal::timestamptz
    ELSE literal::timestamp AT TIME ZONE 'UTC'
END
$$;

COMMENT ON FUNCTION pms.iso_time IS $$An ISO 8601 time, or null when it does not look like one

Without a zone it is UTC. Raises class 22 when it looks like one and is none, such as a 13th month:
who must not fail over it asks pms.time_or_null, at several times the price.$$;

COMMIT;
