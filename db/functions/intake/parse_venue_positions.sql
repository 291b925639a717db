CREATE OR REPLACE FUNCTION pms.normalize_venue_positions(messages jsonb[])
RETURNS TABLE (
    ordinal integer,
    event_type text,
    trace_id text,
    account text,
    asset text,
    leg text,
    side text,
    size text,
    averages text[],
    marks text[],
    unrealized_pnl text,
    realized_pnl text,
    seq text,
    reported_at text
)
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
SELECT
    b.ordinal,
    b.doc ->> 'event_type',
    left(b.doc ->> 'trace_id', 128),
    pms.account_name(coalesce(b.fields ->> 'account', 'main')),
    (SELECT n.asset FROM pms.asset_of(b.fields ->> 'symbol') n),
    pms.reported_leg(coalesce(
        b.fields ->> 'mode', b.fields -> 'raw' ->> 'positionIdx', 'one-way'
    )),
    coalesce(pms.reported_side(b.fields ->> 'side'), ''),
    b.fields ->> 'size',
    ARRAY[
        b.fields ->> 'avg_price', b.fields ->> 'avgPrice',
        b.fields -> 'raw' ->> 'avgPrice', b.fields -> 'raw' ->> 'entryPrice'
    ],
    ARRAY[b.fields ->> 'markPrice', b.fields ->> 'mark_price', b.fields -> 'raw' ->> 'markPrice'],
    pms.unless_unset(coalesce(
        b.fields ->> 'unrealised_pnl', b.fields ->> 'unrealisedPnl',
        b.fields -> 'raw' ->> 'unrealisedPnl'
    )),
    pms.unless_unset(coalesce(
        b.fields ->> 'realised_pnl', b.fields ->> 'realisedPnl',
        b.fields -> 'raw' ->> 'cumRealisedPnl'
    )),
    coalesce(b.fields ->> 'seq', b.fields -> 'raw' ->> 'seq'),
    coalesce(b.fields ->> 'timestamp', b.doc ->> 'timestamp')
FROM (
    SELECT
        m.ordinal::integer AS ordinal,
        d.doc,
        CASE
            WHEN jsonb_typeof(d.doc -> 'payload') = 'object' THEN d.doc -> 'payload'
            ELSE d.doc -> 'data'
        END AS fields
    FROM unnest(normalize_venue_positions.messages) WITH ORDINALITY m (doc, ordinal)
    CROSS JOIN LATERAL (SELECT pms.without_blanks(m.doc) AS doc OFFSET 0) d
    OFFSET 0
) b
OFFSET 0
$$;

COMMENT ON FUNCTION pms.normalize_venue_positions IS
$$The two shapes of contract.md, section 2, brought to one row of texts per report

averages, marks: the places where a price may stand, in the order of preference.$$;

CREATE OR REPLACE FUNCTION pms.first_positive(literals text[])
RETURNS numeric
LANGUAGE sql
IMMUTABLE
-- One expression, so that it is inlined.
RETURN coalesce(
    pms.parse_positive(literals[1]), pms.parse_positive(literals[2]),
    pms.parse_positive(literals[3]), pms.parse_positive(literals[4])
);

COMMENT ON FUNCTION pms.first_positive IS
'The first of at most four amounts that is above zero, or null.';

CREATE OR REPLACE FUNCTION pms.is_unread(literals text[])
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN (
    SELECT bool_or(pms.unless_unset(l.literal) IS NOT NULL AND pms.parse_decimal(l.literal) IS NULL)
    FROM unnest(literals) l (literal)
);

COMMENT ON FUNCTION pms.is_unread IS 'Whether one of several amounts is there and cannot be read.';

CREATE OR REPLACE FUNCTION pms.parse_venue_positions(messages jsonb[])
RETURNS SETOF pms.venue_report
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH typed AS (
    SELECT
        n.*,
        pms.parse_decimal(n.size) AS size_read,
        pms.first_positive(n.averages) AS average_price,
        pms.first_positive(n.marks) AS mark_price,
        pms.parse_decimal(n.unrealized_pnl) AS unrealized_pnl_read,
        pms.parse_decimal(n.realized_pnl) AS realized_pnl_read,
        -- A negative one is none.
        CASE WHEN n.seq ~ '^[0-9]{1,18}$' THEN n.seq::bigint END AS seq_read,
        pms.parse_time(n.reported_at) AS reported_at_read
    FROM pms.normalize_venue_positions(parse_venue_positions.messages) n
    OFFSET 0
),

checked AS (
    SELECT
        t.*,
        CASE WHEN t.side = 'sell' THEN -t.size_read ELSE t.size_read END AS signed_size,
        coalesce(
            pms.objection('unknown_event', 'event_type', CASE
                WHEN t.event_type IS DISTINCT FROM 'position' THEN 'must be position'
            END),
            pms.objection('invalid_account', 'account', pms.check_account(t.account)),
            pms.objection('invalid_asset', 'symbol', pms.check_asset(t.asset)),
            pms.objection('unknown_instrument', 'symbol', CASE
                WHEN (SELECT s.unknown_instruments = 'refuse' FROM pms.settings s)
                    THEN pms.check_defined(t.asset)
            END),
            pms.objection('invalid_trace_id', 'trace_id', pms.check_printable(t.trace_id)),
            pms.objection('invalid_mode', 'mode', CASE
                WHEN t.leg NOT IN ('net', 'long', 'short')
                    THEN 'must be 0, one-way, 1 (long leg) or 2 (short leg)'
            END),
            pms.objection('invalid_size', 'size', pms.check_nonnegative(CASE
                WHEN t.size_read <> 0 OR NOT pms.has_more_places(t.size) THEN t.size_read
            END)),
            pms.objection('invalid_side', 'side', CASE
                -- A flat position has no side, however that is written.
                WHEN t.size_read = 0 THEN NULL
                WHEN t.side NOT IN ('buy', 'sell') THEN 'an open position must say buy or sell'
                WHEN (t.leg, t.side) IN (('long', 'sell'), ('short', 'buy'))
                    THEN 'contradicts the leg that mode names'
            END),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(t.reported_at, t.reported_at_read)
            ),
            pms.objection('time_in_future', 'timestamp', pms.check_not_future(
                t.reported_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            )),
            pms.objection('unread_report', nullif(concat_ws(
                ', ',
                CASE
                    WHEN t.average_price IS NULL AND pms.is_unread(t.averages) THEN 'avg_price'
                END,
                CASE WHEN t.mark_price IS NULL AND pms.is_unread(t.marks) THEN 'mark_price' END,
                CASE
                    WHEN t.unrealized_pnl IS NOT NULL AND t.unrealized_pnl_read IS NULL
                        THEN 'unrealised_pnl'
                END,
                CASE
                    WHEN t.realized_pnl IS NOT NULL AND t.realized_pnl_read IS NULL
                        THEN 'realised_pnl'
                END,
                CASE WHEN t.seq_read IS NULL AND t.seq !~ '^-[0-9]+$' THEN 'seq' END
            ), ''), 'cannot be read')
        ) AS objection
    FROM typed t
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN pms.objection_reason(c.objection) <> 'unread_report' THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    c.asset,
    CASE WHEN c.leg IN ('long', 'short') THEN 'hedge' ELSE 'one-way' END,
    c.leg,
    c.signed_size,
    c.average_price,
    coalesce(
        c.mark_price,
        pms.implied_mark(
            c.signed_size, c.average_price, c.unrealized_pnl_read, coalesce(i.multiplier, 1),
            coalesce(i.kind = 'inverse', FALSE)
        )
    ),
    c.unrealized_pnl_read,
    c.realized_pnl_read,
    c.seq_read,
    coalesce(c.reported_at_read, clock_timestamp())
FROM checked c
LEFT JOIN pms.instruments i ON c.asset = i.asset
$$;

COMMENT ON FUNCTION pms.parse_venue_positions IS
$$Position reports of the venue, one row per message

Both shapes of contract.md, section 2: snake_case under payload, camelCase under data. A
reported zero is a value, not an absence. Never raises: a bad message is rejected, with a reason
code and a detail that names the field. One of which only an average, a mark, a PnL or a sequence
cannot be read counts without it: its reason is unread_report.$$;
