-- Deploy position_manager:functions/pms/time_or_null to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.time_or_null(literal text)
RETURNS timestamptz
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    -- Keeps out what PostgreSQL would also take as a time: now, infinity, local formats.
    IF literal NOT LIKE '____-__-__T__:__%' AND literal NOT LIKE '____-__-__ __:__%'
        OR literal !~ '^[0-9TZ:.+ -]+$'
    THEN
        RETURN NULL;
    END IF;
    -- Neighbours that name no zone mean UTC.
    IF literal LIKE '%Z' OR substr(literal, 12) ~ '[+-]' THEN
        RETURN literal::timestamptz;
    END IF;
    RETURN literal::timestamp AT TIME ZONE 'UTC';
EXCEPTION
    WHEN datetime_field_overflow OR invalid_datetime_format
        OR invalid_time_zone_displacement_value THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.time_or_null IS $$An ISO 8601 time, or null when it is not one

Without a zone it is UTC. Never raises: one bad literal must not cost a whole batch.$$;

COMMIT;
