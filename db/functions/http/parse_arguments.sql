CREATE OR REPLACE FUNCTION pms.parse_moment(literal text)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
AS $$
SELECT least(
    greatest(t.moment, '0001-01-01T00:00:00Z'::timestamptz),
    '9999-12-31T23:59:59.999999Z'::timestamptz
)
FROM (SELECT pms.parse_time(upper(parse_moment.literal)) AS moment) t
WHERE t.moment IS NOT NULL
$$;

COMMENT ON FUNCTION pms.parse_moment IS $$The moment of an argument, or null when it is not a time

A moment that its zone moves out of the years 1 to 9999 becomes the first or the last of them: an
answer repeats the moment, and could not write another.$$;

CREATE OR REPLACE FUNCTION pms.parse_argument(kind text, literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE kind
    WHEN 'account' THEN CASE WHEN pms.check_account(literal) IS NULL THEN literal END
    WHEN 'asset' THEN CASE WHEN pms.check_asset(upper(literal)) IS NULL THEN upper(literal) END
    WHEN 'mode' THEN CASE WHEN pms.check_mode(lower(literal)) IS NULL THEN lower(literal) END
    WHEN 'decimal' THEN pms.parse_decimal(literal)::text
    WHEN 'limit' THEN substring(literal FROM '^(?=.{1,9}$)0*(?:[1-9][0-9]{0,2}|1000)$')
    WHEN 'offset' THEN substring(literal FROM '^[0-9]{1,9}$')
    WHEN 'entry' THEN substring(literal FROM '^(?=.*[1-9])[0-9]{1,18}$')
    WHEN 'time' THEN pms.parse_moment(literal)::text
    WHEN 'flag' THEN substring(lower(literal) FROM '^(?:true|false)$')
    WHEN 'uuid'
        THEN substring(lower(literal) FROM '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
    WHEN 'status'
        THEN substring(lower(literal) FROM '^(?:open|fixed|accepted|dismissed|resolved|all)$')
    WHEN 'note'
        THEN CASE
                WHEN length(literal) <= 500
                    THEN substring(literal FROM '^[[:alnum:] .,;:()/_+=@#%&?''"-]+$')
            END
END;

COMMENT ON FUNCTION pms.parse_argument IS
$$The canonical form of an argument, or null when it is out of its range

Never raises. pms.argument_range has the same kinds.$$;

CREATE OR REPLACE FUNCTION pms.argument_range(kind text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE kind
    WHEN 'account' THEN '1 to 64 letters, digits or . _ -, the first a letter or a digit'
    WHEN 'asset' THEN '1 to 32 letters, digits or . _ -, the first a letter or a digit'
    WHEN 'mode' THEN 'one-way or hedge'
    WHEN 'decimal' THEN 'a decimal, |x| < 10^20, at most 18 fractional digits'
    WHEN 'limit' THEN 'a whole number from 1 to 1000'
    WHEN 'offset' THEN 'a whole number from 0 to 999999999'
    WHEN 'entry' THEN 'the id of an entry of this position'
    WHEN 'time' THEN 'an RFC 3339 time such as 2025-01-31T12:00:00Z'
    WHEN 'flag' THEN 'true or false'
    WHEN 'uuid' THEN 'a UUID, as the list of discrepancies shows it'
    WHEN 'status' THEN 'open, fixed, accepted, dismissed, resolved or all'
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
-- Not SQL, which would be planned in every transaction (ADR 0002).
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    parsed pms.arguments;
BEGIN
    SELECT
        jsonb_object_agg(a.name, a.literal),
        jsonb_object_agg(a.name, a.value),
        jsonb_object_agg(
            a.name,
            CASE WHEN a.is_absent THEN 'must be given: ' ELSE 'must be ' END
            || pms.argument_range(a.kind)
        ) FILTER (
            WHERE a.value IS NULL
                AND (NOT a.is_absent OR a.name = ANY(parse_arguments.required))
        )
    INTO parsed
    FROM (
        SELECT
            l.*,
            coalesce(l.literal, '') = '' AS is_absent,
            pms.parse_argument(l.kind, nullif(l.literal, '')) AS value
        FROM unnest(parse_arguments.arguments) l
        -- Parses each once (ADR 0002).
        OFFSET 0
    ) a;

    RETURN parsed;
END
$$;

COMMENT ON FUNCTION pms.parse_arguments IS $$Parse and check the arguments of a request

arguments: name, kind and literal of each; a new parameter of a path is added here and to the
signature of its function. A literal that is null or '' is absent. required: names of those that may
not be absent. Asset and mode match case-insensitively. Never raises: see objections.$$;
