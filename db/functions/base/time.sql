CREATE OR REPLACE FUNCTION pms.parse_iso_time(literal text)
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
    -- Of an offset, which follows the date.
    WHEN literal LIKE '___________%+%' OR literal LIKE '___________%-%' THEN literal::timestamptz
    -- Upstream services that name no zone mean UTC, as Z does.
    ELSE literal::timestamp AT TIME ZONE 'UTC'
END
$$;

COMMENT ON FUNCTION pms.parse_iso_time IS
$$An ISO 8601 time in its usual form, or null when it does not look like one

Without a zone it is UTC. Raises class 22 when it looks like one and is none, such as a 13th month.$$;

CREATE OR REPLACE FUNCTION pms.epoch_time(epoch numeric)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (
    SELECT
        to_timestamp(0)
        -- In two parts, which a double holds exactly.
        + interval '1 second' * div(e.microseconds, 1000000)::double precision
        + interval '1 microsecond' * mod(e.microseconds, 1000000)::double precision
    FROM (
        SELECT
            round(epoch * CASE
                WHEN epoch < 1e11 THEN 1e6
                WHEN epoch < 1e14 THEN 1e3
                WHEN epoch < 1e17 THEN 1
                ELSE 1e-3
            END) AS microseconds
    ) e
);

COMMENT ON FUNCTION pms.epoch_time IS $$The time of a number of seconds, ms, us or ns since 1970

Its magnitude says which: from 1973 until the year 5138 no number is both.$$;

CREATE OR REPLACE FUNCTION pms.parse_unusual_time(literal text)
RETURNS timestamptz
-- Not SQL, which would be inlined: a long expression costs each statement with it.
LANGUAGE plpgsql
STABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE
        WHEN literal ~ '^ *\+?[0-9]{9,19}(?:\.[0-9]{1,40})? *$'
            THEN pms.epoch_time(literal::numeric)
        WHEN literal ~ '^ |[tz]|:[0-9]{2}:[0-9]{2},[0-9]'
            THEN pms.parse_iso_time(upper(replace(btrim(literal, ' '), ',', '.')))
    END;
END
$$;

COMMENT ON FUNCTION pms.parse_unusual_time IS
'An epoch, or a time in lower case or with a comma; see pms.parse_time_strict.';

CREATE OR REPLACE FUNCTION pms.parse_time_strict(literal text)
RETURNS timestamptz
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN coalesce(pms.parse_iso_time(literal), pms.parse_unusual_time(literal));

COMMENT ON FUNCTION pms.parse_time_strict IS
$$An ISO 8601 time or an epoch, or null when it does not look like one

Also in lower case and with a comma; an epoch is of seconds, ms, us or ns. Without a zone it is UTC.
Raises class 22 when it looks like a time and is none, such as a 13th month: who must not fail over
it asks pms.parse_time, at several times the price.$$;

CREATE OR REPLACE FUNCTION pms.parse_time(literal text)
RETURNS timestamptz
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN pms.parse_time_strict(literal);
EXCEPTION
    WHEN invalid_time_zone_displacement_value THEN
        -- PostgreSQL's zones end at 15:59, those of RFC 3339 at 23:59.
        RETURN CASE
            WHEN literal ~ '[+-](?:1[6-9]|2[0-3]):[0-5][0-9]$'
                THEN pms.parse_time(left(literal, -6)) - right(literal, 6)::interval
        END;
    WHEN datetime_field_overflow OR invalid_datetime_format THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.parse_time IS $$An ISO 8601 time or an epoch, or null when it is neither

As pms.parse_time_strict, but never raises: one bad literal must not cost a whole batch.$$;

CREATE OR REPLACE FUNCTION pms.later_than(moment timestamptz)
RETURNS timestamptz
LANGUAGE sql
PARALLEL SAFE
RETURN greatest(clock_timestamp(), moment + interval '1 microsecond');

COMMENT ON FUNCTION pms.later_than IS $$The present; after a moment that lies ahead, just after it

Times that are compared with each other are recorded with this, so that they rise whatever the clock
does: one that is set back stands still until it has caught up. null: there is no such moment.$$;

CREATE OR REPLACE FUNCTION pms.largest_clock_skew()
RETURNS interval
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN interval '1 day';

COMMENT ON FUNCTION pms.largest_clock_skew IS
'The largest clock_skew_limit there can be: nothing was ever recorded that is dated further ahead.';

CREATE OR REPLACE FUNCTION pms.is_fresh(priced_at timestamptz, at timestamptz, staleness interval)
RETURNS boolean
LANGUAGE sql
-- Not IMMUTABLE: arithmetic with times is not, and it could not be inlined then.
STABLE
PARALLEL SAFE
-- A request sees prices that were stored since it began.
RETURN priced_at BETWEEN at - staleness AND at + interval '1 second';

COMMENT ON FUNCTION pms.is_fresh IS $$Whether a price of a time is fresh at a moment

Not when it is older than staleness, and not when it lies ahead: the clock was set back since. null:
there is no price.$$;

GRANT EXECUTE ON FUNCTION pms.is_fresh TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.time_text(moment timestamptz)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

COMMENT ON FUNCTION pms.time_text IS 'A time as the contract writes it: RFC 3339, UTC, with Z.';

GRANT EXECUTE ON FUNCTION pms.time_text
TO pms_reader, pms_trader, pms_operator, pms_analyst, pms_compat;

CREATE OR REPLACE FUNCTION pms.time_json(moment timestamptz)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN coalesce('"' || pms.time_text(moment) || '"', 'null');

COMMENT ON FUNCTION pms.time_json IS $$The text of pms.time_text as a JSON string, or null$$;

GRANT EXECUTE ON FUNCTION pms.time_json
TO pms_reader, pms_trader, pms_operator, pms_analyst, pms_compat;

CREATE OR REPLACE FUNCTION pms.quarter_hour(moment timestamptz)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN isfinite(moment) THEN date_bin('15 minutes', moment, '2000-01-01T00:00:00Z')
    ELSE moment
END;

COMMENT ON FUNCTION pms.quarter_hour IS $$The start of the quarter hour of a moment

In every time zone, since 2000 at least, days begin with a quarter hour of UTC.$$;
