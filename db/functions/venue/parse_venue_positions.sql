CREATE OR REPLACE FUNCTION pms.parse_venue_positions(messages jsonb[])
RETURNS SETOF pms.venue_report
LANGUAGE sql
STABLE
AS $$
WITH body AS (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc ->> 'event_type' AS event_type,
        left(m.doc ->> 'trace_id', 128) AS trace_id,
        m.doc ->> 'timestamp' AS sent_at,
        coalesce(m.doc -> 'payload', m.doc -> 'data') AS fields
    FROM unnest(parse_venue_positions.messages) WITH ORDINALITY m (doc, ordinal)
),

-- The two shapes of contract.md, section 2, brought to one.
literal AS (
    SELECT
        b.ordinal,
        b.event_type,
        b.trace_id,
        coalesce(b.fields ->> 'account', 'main') AS account,
        upper(b.fields ->> 'symbol') AS asset,
        lower(coalesce(b.fields ->> 'mode', b.fields -> 'raw' ->> 'positionIdx', '0')) AS mode,
        lower(coalesce(b.fields ->> 'side', '')) AS side,
        b.fields ->> 'size' AS size,
        ARRAY[
            b.fields ->> 'avg_price', b.fields ->> 'avgPrice',
            b.fields -> 'raw' ->> 'avgPrice', b.fields -> 'raw' ->> 'entryPrice'
        ] AS averages,
        ARRAY[
            b.fields ->> 'markPrice', b.fields ->> 'mark_price', b.fields -> 'raw' ->> 'markPrice'
        ] AS marks,
        coalesce(
            b.fields ->> 'unrealised_pnl', b.fields ->> 'unrealisedPnl',
            b.fields -> 'raw' ->> 'unrealisedPnl'
        ) AS unrealized_pnl,
        coalesce(
            b.fields ->> 'realised_pnl', b.fields ->> 'realisedPnl',
            b.fields -> 'raw' ->> 'cumRealisedPnl'
        ) AS realized_pnl,
        coalesce(b.fields ->> 'seq', b.fields -> 'raw' ->> 'seq') AS seq,
        coalesce(b.fields ->> 'timestamp', b.sent_at) AS reported_at
    FROM body b
    OFFSET 0
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.size) AS size_read,
        (
            SELECT pms.parse_decimal(a.literal)
            FROM unnest(l.averages) WITH ORDINALITY a (literal, place)
            WHERE pms.parse_decimal(a.literal) > 0
            ORDER BY a.place
            LIMIT 1
        ) AS average_price,
        (
            SELECT pms.parse_decimal(a.literal)
            FROM unnest(l.marks) WITH ORDINALITY a (literal, place)
            WHERE pms.parse_decimal(a.literal) > 0
            ORDER BY a.place
            LIMIT 1
        ) AS mark_price,
        pms.parse_decimal(l.unrealized_pnl) AS unrealized_pnl_read,
        pms.parse_decimal(l.realized_pnl) AS realized_pnl_read,
        CASE WHEN l.seq ~ '^[0-9]{1,18}$' THEN l.seq::bigint END AS seq_read,
        pms.parse_time(l.reported_at) AS reported_at_read
    FROM literal l
    OFFSET 0
),

judged AS (
    SELECT
        t.*,
        coalesce(i.multiplier, 1) AS multiplier,
        coalesce(i.kind = 'inverse', FALSE) AS is_inverse,
        CASE
            WHEN t.event_type IS DISTINCT FROM 'position'
                THEN ARRAY['unknown_event', 'event_type: must be position']
            WHEN t.account !~ '^[A-Za-z0-9][A-Za-z0-9._-]*$' OR length(t.account) > 64
                THEN ARRAY['invalid_account', 'account: not a name of an account']
            WHEN t.asset IS NULL OR t.asset !~ '^[A-Z0-9][A-Z0-9._-]*$' OR length(t.asset) > 32
                THEN ARRAY['invalid_asset', 'symbol: missing or malformed']
            WHEN t.mode NOT IN ('0', 'one-way', '1', '2')
                THEN ARRAY[
                    'invalid_mode', 'mode: must be 0, one-way, 1 (long leg) or 2 (short leg)'
                ]
            WHEN t.size_read IS NULL OR t.size_read < 0
                THEN ARRAY[
                    'invalid_size',
                    'size: must be a decimal >= 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN t.side NOT IN ('buy', 'sell', '', 'none')
                THEN ARRAY['invalid_side', 'side: must be buy, sell or empty']
            WHEN t.size_read > 0 AND t.side NOT IN ('buy', 'sell')
                THEN ARRAY['invalid_side', 'side: an open position must say buy or sell']
            WHEN t.size_read > 0
                AND ((t.mode = '1' AND t.side = 'sell') OR (t.mode = '2' AND t.side = 'buy'))
                THEN ARRAY['invalid_side', 'side: contradicts the leg that mode names']
            WHEN t.unrealized_pnl IS NOT NULL AND t.unrealized_pnl_read IS NULL
                THEN ARRAY['invalid_unrealized_pnl', 'unrealised_pnl: must be a decimal']
            WHEN t.realized_pnl IS NOT NULL AND t.realized_pnl_read IS NULL
                THEN ARRAY['invalid_realized_pnl', 'realised_pnl: must be a decimal']
            WHEN t.seq IS NOT NULL AND t.seq_read IS NULL
                THEN ARRAY['invalid_seq', 'seq: must be a whole number']
            WHEN t.reported_at IS NOT NULL AND t.reported_at_read IS NULL
                THEN ARRAY['invalid_time', 'timestamp: must be an ISO 8601 time']
            WHEN t.reported_at_read > now() + s.clock_skew_limit
                THEN ARRAY['time_in_future', 'timestamp: lies in the future']
        END AS objection
    FROM typed t
    CROSS JOIN pms.settings s
    LEFT JOIN pms.instruments i ON t.asset = i.asset
    OFFSET 0
),

signed AS (
    SELECT
        j.*,
        CASE WHEN j.side = 'sell' THEN -j.size_read ELSE j.size_read END AS signed_size
    FROM judged j
)

SELECT
    g.ordinal,
    CASE WHEN g.objection IS NOT NULL THEN 'rejected' END,
    g.objection[1],
    g.objection[2],
    g.trace_id,
    g.account,
    g.asset,
    CASE WHEN g.mode IN ('1', '2') THEN 'hedge' ELSE 'one-way' END,
    CASE g.mode WHEN '1' THEN 'long' WHEN '2' THEN 'short' ELSE 'net' END,
    g.signed_size,
    g.average_price,
    coalesce(
        g.mark_price,
        pms.implied_mark(
            g.signed_size, g.average_price, g.unrealized_pnl_read, g.multiplier, g.is_inverse
        )
    ),
    g.unrealized_pnl_read,
    g.realized_pnl_read,
    g.seq_read,
    coalesce(g.reported_at_read, clock_timestamp())
FROM signed g
$$;

COMMENT ON FUNCTION pms.parse_venue_positions IS $$Position reports of the venue, one row per message

Both shapes of contract.md, section 2: snake_case under payload, camelCase under data. A
reported zero is a value, not an absence. Never raises for a bad message: the row says rejected,
why, and names the field.$$;
