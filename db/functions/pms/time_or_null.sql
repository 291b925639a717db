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
    WHEN datetime_field_overflow OR invalid_datetime_format
        OR invalid_time_zone_displacement_value THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.time_or_null IS $$An ISO 8601 time, or null when it is not one

Without a zone it is UTC. Never raises: one bad literal must not cost a whole batch.$$;

COMMIT;
