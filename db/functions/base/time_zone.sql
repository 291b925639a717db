CREATE OR REPLACE FUNCTION pms.time_zone_named(name text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- Nearly all names have this form. Of this form PostgreSQL knows no others; the list is read from
    -- hundreds of files.
    IF name = 'UTC' OR (name ~ '^[A-Za-z_]+(/[A-Za-z_-]+)+$' AND name !~* '^(posix|right)/') THEN
        PERFORM now() AT TIME ZONE name;
        RETURN name;
    END IF;

    RETURN (
        SELECT z.name
        FROM pg_catalog.pg_timezone_names z
        WHERE z.name = time_zone_named.name
            AND z.name !~* '^posix'
    );
EXCEPTION
    WHEN invalid_parameter_value THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.time_zone_named IS
$$The time zone of an IANA name, or null when there is none

AT TIME ZONE alone would also take abbreviations, and any word with an offset.$$;

CREATE OR REPLACE FUNCTION pms.resolve_time_zone(name text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_name text := coalesce(name, (SELECT s.time_zone FROM pms.settings s));
    v_zone text := pms.time_zone_named(v_name);
BEGIN
    IF v_zone IS NULL THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown time zone',
            DETAIL = format('time_zone is %L', v_name),
            HINT = 'A time zone is an IANA name such as Asia/Kathmandu or UTC.';
    END IF;

    RETURN v_zone;
END
$$;

COMMENT ON FUNCTION pms.resolve_time_zone IS
$$The time zone of a query; null is that of the settings

Refuses with:
- 400 `unknown time zone`$$;

CREATE OR REPLACE FUNCTION pms.period_start(day timestamp, time_zone text)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN (day AT TIME ZONE time_zone) - CASE
    WHEN ((day AT TIME ZONE time_zone) - interval '1 hour') AT TIME ZONE time_zone >= day
        THEN interval '1 hour'
    ELSE interval '0'
END;

COMMENT ON FUNCTION pms.period_start IS $$The moment at which a day begins in a time zone

Where the clock jumps over midnight, the day begins with the jump; where it is set back to midnight,
at the first of the two.$$;

CREATE OR REPLACE FUNCTION pms.day_began(at timestamptz, time_zone text)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN pms.period_start(date_trunc('day', at AT TIME ZONE time_zone), time_zone);

COMMENT ON FUNCTION pms.day_began IS
'The moment at which the day of a moment began in a time zone.';

-- The view of the limits calls them with the rights of its readers.
GRANT EXECUTE ON FUNCTION pms.day_began TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT EXECUTE ON FUNCTION pms.period_start TO pms_reader, pms_trader, pms_operator, pms_analyst;
