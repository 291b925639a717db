CREATE OR REPLACE FUNCTION pms.parse_moment(literal text)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
AS $$
SELECT least(
    greatest(t.moment, '0001-01-01T00:00:00Z'::timestamptz),
    '9999-12-31T23:59:59.999999Z'::timestamptz
)
FROM (SELECT pms.parse_time(parse_moment.literal) AS moment) t
WHERE t.moment IS NOT NULL
    -- A client does not write a moment as a number.
    AND parse_moment.literal LIKE '____-%'
$$;

COMMENT ON FUNCTION pms.parse_moment IS $$The moment of an argument, or null when it is not a time

A moment that its zone moves out of the years 1 to 9999 becomes the first or the last of them: an
answer repeats the moment, and could not write another.$$;

CREATE OR REPLACE FUNCTION pms.parse_argument(kind text, literal text)
RETURNS text
-- Each branch is prepared only when it is taken; as one expression all of them would be, in every
-- transaction (ADR 0002).
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_value text;
BEGIN
    CASE kind
        WHEN 'account' THEN
            v_value := pms.account_name(literal);
            v_value := CASE WHEN pms.check_account(v_value) IS NULL THEN v_value END;
        WHEN 'asset' THEN
            v_value := (SELECT n.asset FROM pms.asset_of(literal) n);
            v_value := CASE WHEN pms.check_asset(v_value) IS NULL THEN v_value END;
        WHEN 'mode' THEN
            v_value := CASE WHEN pms.check_mode(lower(literal)) IS NULL THEN lower(literal) END;
        WHEN 'decimal' THEN
            -- Not rounded: of what a client writes it must say what it means.
            v_value := CASE
                WHEN NOT pms.has_more_places(literal) THEN pms.parse_decimal(literal)::text
            END;
        WHEN 'limit' THEN
            v_value := substring(literal FROM '^(?=.{1,9}$)0*(?:[1-9][0-9]{0,2}|1000)$');
        WHEN 'offset' THEN
            v_value := substring(literal FROM '^[0-9]{1,9}$');
        WHEN 'entry', 'number' THEN
            v_value := substring(literal FROM '^(?=.*[1-9])[0-9]{1,18}$');
        WHEN 'time' THEN
            v_value := pms.parse_moment(literal)::text;
        WHEN 'flag' THEN
            v_value := substring(lower(literal) FROM '^(?:true|false)$');
        WHEN 'cursor' THEN
            v_value := CASE WHEN pms.cursor_number(literal) IS NOT NULL THEN literal END;
        WHEN 'event_types' THEN
            v_value := substring(literal FROM '^[a-z_]{1,64}(?:,[a-z_]{1,64}){0,19}$');
        WHEN 'uuid' THEN
            v_value := substring(lower(literal) FROM '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
        WHEN 'status' THEN
            v_value := substring(
                lower(literal) FROM '^(?:open|fixed|accepted|dismissed|resolved|all)$'
            );
        WHEN 'unit' THEN
            v_value := substring(lower(literal) FROM '^(?:day|week|month)$');
        WHEN 'pnl_grouping' THEN
            v_value := substring(lower(literal) FROM '^(?:day|week|month|book)$');
        WHEN 'step' THEN
            v_value := substring(lower(literal) FROM '^(?:hour|day)$');
        WHEN 'grouping' THEN
            v_value := substring(lower(literal) FROM '^book$');
        WHEN 'part' THEN
            v_value := substring(lower(literal) FROM '^(?:asset|account|book|week|month|year)$');
        WHEN 'days_per_year' THEN
            v_value := substring(literal FROM '^(?:[1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-6])$');
        WHEN 'time_zone' THEN
            -- A plus sign in a query is a blank.
            v_value := pms.time_zone_named(replace(literal, ' ', '+'));
        WHEN 'currency' THEN
            v_value := substring(
                pms.asset_name(literal) FROM '^[A-Z0-9][A-Z0-9._-]{0,31}$'
            );
        WHEN 'note' THEN
            v_value := CASE
                WHEN length(literal) <= 500
                    THEN substring(literal FROM '^[[:alnum:] .,;:()/_+=@#%&?''"-]+$')
            END;
    END CASE;

    RETURN v_value;
END
$$;

COMMENT ON FUNCTION pms.parse_argument IS
$$The canonical form of an argument, or null when it is out of its range

Never raises. pms.argument_range has the same kinds.$$;

CREATE OR REPLACE FUNCTION pms.argument_range(kind text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE kind
    WHEN 'account' THEN pms.name_range()
    WHEN 'asset' THEN pms.name_range()
    WHEN 'mode' THEN 'one-way or hedge'
    WHEN 'decimal' THEN 'a decimal, |x| < 10^20, at most 18 fractional digits'
    WHEN 'limit' THEN 'a whole number from 1 to 1000'
    WHEN 'offset' THEN 'a whole number from 0 to 999999999'
    WHEN 'entry' THEN 'the id of an entry of this position'
    WHEN 'number' THEN 'a whole number above 0'
    WHEN 'time' THEN 'an RFC 3339 time such as 2025-01-31T12:00:00Z'
    WHEN 'flag' THEN 'true or false'
    WHEN 'cursor' THEN 'the cursor of an event'
    WHEN 'event_types' THEN 'up to 20 types of events, separated by commas'
    WHEN 'uuid' THEN 'a UUID, as the list of discrepancies shows it'
    WHEN 'status' THEN 'open, fixed, accepted, dismissed, resolved or all'
    WHEN 'unit' THEN 'day, week or month'
    WHEN 'pnl_grouping' THEN 'day, week, month or book'
    WHEN 'step' THEN 'hour or day'
    WHEN 'grouping' THEN 'book'
    WHEN 'part' THEN 'asset, account, book, week, month or year'
    WHEN 'days_per_year' THEN 'a whole number from 1 to 366'
    WHEN 'time_zone' THEN 'an IANA time zone such as Asia/Kathmandu or UTC'
    WHEN 'currency' THEN 'a currency such as EUR: 1 to 32 letters, digits or . _ -'
    WHEN 'note'
        THEN 'at most 500 letters, digits, blanks or . , ; : ( ) / _ + = @ # % & ? '' " -'
END;

COMMENT ON FUNCTION pms.argument_range IS
'The range of an argument of a kind, to follow "must be"; see pms.parse_argument.';

CREATE OR REPLACE FUNCTION pms.parse_arguments(
    arguments pms.argument[],
    required text[] DEFAULT '{}'
)
RETURNS pms.arguments
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    argument pms.argument;
    parsed pms.arguments;
    v_names text[];
    v_literals text[];
    v_values text[];
    v_value text;
    v_objections jsonb := jsonb_build_object();
BEGIN
    FOREACH argument IN ARRAY parse_arguments.arguments LOOP
        v_value := NULL;
        IF pms.unless_blank(argument.literal) IS NOT NULL THEN
            v_value := pms.parse_argument(argument.kind, argument.literal);
            IF v_value IS NULL THEN
                v_objections := v_objections || jsonb_build_object(
                    argument.name, 'must be ' || pms.argument_range(argument.kind)
                );
            END IF;
        ELSIF argument.name = ANY(parse_arguments.required) THEN
            v_objections := v_objections || jsonb_build_object(
                argument.name, 'must be given: ' || pms.argument_range(argument.kind)
            );
        END IF;
        v_names := v_names || argument.name;
        v_literals := v_literals || argument.literal;
        v_values := v_values || v_value;
    END LOOP;

    parsed.given := jsonb_object(v_names, v_literals);
    parsed.value := jsonb_object(v_names, v_values);
    parsed.objections := nullif(v_objections, '{}');
    RETURN parsed;
END
$$;

COMMENT ON FUNCTION pms.parse_arguments IS $$Parse and check the arguments of a request

arguments: name, kind and literal of each; a new parameter of a path is added here and to the
signature of its function. A literal that is null or blank is absent. required: names of those that may
not be absent. Asset and mode match case-insensitively; an alias is its asset. Never raises: see
objections.$$;
