-- Deploy position_manager:functions/pms/time_or_null to pg
-- requires: functions/pms/iso_time

BEGIN;

CREATE OR REPLACE FUNCTION pms.time_or_null(literal text)
RETURNS timestamptz
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN pms.iso_time(literal);
EXCEPTION
    WHEN invalid_time_zone_displacement_value THEN
        -- PostgreSQL's zones end at 15:59, those of RFC 3339 at 23:59.
        RETURN CASE
            WHEN literal ~ '[+-](?:1[6-9]|2[0-3]):[0-5][0-9]$'
                THEN pms.time_or_null(left(literal, -6)) - right(literal, 6)::interval
        END;
    WHEN datetime_field_overflow OR invalid_datetime_format THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.time_or_null IS $$An ISO 8601 time, or null when it is not one

Without a zone it is UTC. Never raises: one bad literal must not cost a whole batch.$$;

COMMIT;
