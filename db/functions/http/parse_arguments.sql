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

COMMENT ON FUNCTION pms.parse_moment IS $$The moment that a request asks for, or null when it is none

What a zone moves out of the years 1 to 9999 is their first or last moment: an answer names the
moment that it is about, and could not write another.$$;

CREATE OR REPLACE FUNCTION pms.parse_arguments(given jsonb, required text[] DEFAULT '{}')
RETURNS pms.arguments
LANGUAGE sql
IMMUTABLE
AS $$
WITH literal AS (
    SELECT
        nullif(parse_arguments.given ->> 'account', '') AS account,
        upper(nullif(parse_arguments.given ->> 'asset', '')) AS asset,
        lower(nullif(parse_arguments.given ->> 'mode', '')) AS mode,
        nullif(parse_arguments.given ->> 'size_min', '') AS size_min,
        nullif(parse_arguments.given ->> 'size_max', '') AS size_max,
        nullif(parse_arguments.given ->> 'limit', '') AS page_limit,
        nullif(parse_arguments.given ->> 'offset', '') AS page_offset,
        nullif(parse_arguments.given ->> 'before', '') AS before,
        nullif(parse_arguments.given ->> 'from', '') AS from_time,
        nullif(parse_arguments.given ->> 'to', '') AS to_time,
        nullif(parse_arguments.given ->> 'as_of', '') AS as_of,
        nullif(parse_arguments.given ->> 'known_at', '') AS known_at,
        lower(nullif(parse_arguments.given ->> 'include_positions', '')) AS include_positions,
        lower(nullif(parse_arguments.given ->> 'fix_discrepancies', '')) AS fix_discrepancies,
        lower(nullif(parse_arguments.given ->> 'id', '')) AS id,
        lower(nullif(parse_arguments.given ->> 'status', '')) AS status,
        nullif(parse_arguments.given ->> 'note', '') AS note
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.size_min) AS size_min_read,
        pms.parse_decimal(l.size_max) AS size_max_read,
        CASE WHEN l.page_limit ~ '^[0-9]{1,9}$' THEN l.page_limit::integer END AS limit_read,
        CASE WHEN l.page_offset ~ '^[0-9]{1,9}$' THEN l.page_offset::integer END AS offset_read,
        CASE WHEN l.before ~ '^[0-9]{1,18}$' THEN nullif(l.before::bigint, 0) END AS before_read,
        pms.parse_moment(l.from_time) AS from_read,
        pms.parse_moment(l.to_time) AS to_read,
        pms.parse_moment(l.as_of) AS as_of_read,
        pms.parse_moment(l.known_at) AS known_at_read
    FROM literal l
),

objection AS (
    SELECT jsonb_object_agg(
        r.field, CASE WHEN r.value IS NULL THEN 'must be given: ' ELSE 'must be ' END || r.range
    ) AS found
    FROM typed t
    CROSS JOIN LATERAL (
        VALUES
        (
            'account', t.account, t.account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
            '1 to 64 letters, digits or . _ -, the first a letter or a digit'
        ),
        (
            'asset', t.asset, t.asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$',
            '1 to 32 letters, digits or . _ -, the first a letter or a digit'
        ),
        ('mode', t.mode, t.mode IN ('one-way', 'hedge'), 'one-way or hedge'),
        (
            'size_min', t.size_min, t.size_min_read IS NOT NULL,
            'a decimal, |x| < 10^20, at most 18 fractional digits'
        ),
        (
            'size_max', t.size_max, t.size_max_read IS NOT NULL,
            'a decimal, |x| < 10^20, at most 18 fractional digits'
        ),
        (
            'limit', t.page_limit, coalesce(t.limit_read BETWEEN 1 AND 1000, FALSE),
            'a whole number from 1 to 1000'
        ),
        (
            'offset', t.page_offset, t.offset_read IS NOT NULL,
            'a whole number from 0 to 999999999'
        ),
        ('before', t.before, t.before_read IS NOT NULL, 'the id of an entry of this position'),
        (
            'from', t.from_time, t.from_read IS NOT NULL,
            'an RFC 3339 time such as 2025-01-31T12:00:00Z'
        ),
        (
            'to', t.to_time, t.to_read IS NOT NULL,
            'an RFC 3339 time such as 2025-01-31T12:00:00Z'
        ),
        (
            'as_of', t.as_of, t.as_of_read IS NOT NULL,
            'an RFC 3339 time such as 2025-01-31T12:00:00Z'
        ),
        (
            'known_at', t.known_at, t.known_at_read IS NOT NULL,
            'an RFC 3339 time such as 2025-01-31T12:00:00Z'
        ),
        (
            'include_positions', t.include_positions, t.include_positions IN ('true', 'false'),
            'true or false'
        ),
        (
            'fix_discrepancies', t.fix_discrepancies, t.fix_discrepancies IN ('true', 'false'),
            'true or false'
        ),
        (
            'id', t.id, t.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
            'a UUID, as the list of discrepancies shows it'
        ),
        (
            'status', t.status,
            t.status IN ('open', 'fixed', 'accepted', 'dismissed', 'resolved', 'all'),
            'open, fixed, accepted, dismissed, gone or all'
        ),
        (
            'note', t.note,
            t.note ~ '^[[:alnum:] .,;:()/_+=@#%&?''"-]+$' AND length(t.note) <= 500,
            'at most 500 letters, digits, blanks or . , ; : ( ) / _ + = @ # % & ? '' " -'
        )
    ) r (field, value, is_in_range, range)
    WHERE NOT r.is_in_range
        AND r.value IS NOT NULL
        OR r.value IS NULL
        AND r.field = ANY(parse_arguments.required)
)

SELECT (
    t.account, t.asset, t.mode, t.size_min_read, t.size_max_read, t.limit_read, t.offset_read,
    t.before_read, t.from_read, t.to_read, t.as_of_read, t.known_at_read,
    CASE WHEN t.include_positions IN ('true', 'false') THEN t.include_positions::boolean END,
    CASE WHEN t.fix_discrepancies IN ('true', 'false') THEN t.fix_discrepancies::boolean END,
    CASE WHEN o.found -> 'id' IS NULL THEN t.id::uuid END,
    t.status, t.note, o.found
)::pms.arguments
FROM typed t
CROSS JOIN objection o
$$;

COMMENT ON FUNCTION pms.parse_arguments IS $$Read and check the arguments of a request

given: literals by the contract's names; null and '' are absent. required: those that may not be
absent. Asset and mode match case-insensitively. Never raises: see objections.$$;
