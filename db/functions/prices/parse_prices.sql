CREATE OR REPLACE FUNCTION pms.parse_prices(messages jsonb[], source text)
RETURNS SETOF pms.price_event
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0 keeps each step from being computed again by every column that reads it, and hands
-- the rows on without storing them.
WITH literal AS (
    SELECT
        b.ordinal,
        b.trace_id,
        b.event_type,
        upper(b.fields ->> 'symbol') AS asset,
        coalesce(
            b.fields ->> 'mark_price', b.fields ->> 'markPrice',
            b.fields ->> 'last_price', b.fields ->> 'lastPrice'
        ) AS mark_price,
        coalesce(b.fields ->> 'timestamp', b.doc ->> 'timestamp') AS priced_at
    FROM (
        SELECT
            m.ordinal::integer AS ordinal,
            m.doc,
            m.doc ->> 'event_type' AS event_type,
            left(m.doc ->> 'trace_id', 128) AS trace_id,
            coalesce(m.doc -> 'payload', m.doc -> 'data') AS fields
        FROM unnest(parse_prices.messages) WITH ORDINALITY m (doc, ordinal)
        OFFSET 0
    ) b
    OFFSET 0
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.mark_price) AS mark_price_read,
        pms.parse_time(l.priced_at) AS priced_at_read
    FROM literal l
    OFFSET 0
),

judged AS (
    SELECT
        t.*,
        CASE
            WHEN t.event_type IS DISTINCT FROM 'ticker'
                THEN ARRAY['unknown_event', 'event_type: must be ticker']
            WHEN t.asset IS NULL OR t.asset !~ '^[A-Z0-9][A-Z0-9._-]*$' OR length(t.asset) > 32
                THEN ARRAY['invalid_asset', 'symbol: missing or malformed']
            WHEN t.mark_price_read IS NULL
                OR (
                    t.mark_price_read <= 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM pms.instruments i
                        WHERE i.asset = t.asset AND i.allows_negative_price
                    )
                )
                THEN ARRAY[
                    'invalid_price',
                    'mark_price: must be a decimal > 0, < 10^20, at most 18 fractional digits'
                ]
            WHEN t.priced_at IS NOT NULL AND t.priced_at_read IS NULL
                THEN ARRAY['invalid_time', 'timestamp: must be an ISO 8601 time']
            WHEN t.priced_at_read > (SELECT now() + s.clock_skew_limit FROM pms.settings s)
                THEN ARRAY['time_in_future', 'timestamp: lies in the future']
        END AS objection
    FROM typed t
    OFFSET 0
)

SELECT
    j.ordinal,
    CASE WHEN j.objection IS NOT NULL THEN 'rejected' END,
    j.objection[1],
    j.objection[2],
    j.trace_id,
    j.asset,
    j.mark_price_read,
    coalesce(j.priced_at_read, clock_timestamp()),
    parse_prices.source
FROM judged j
$$;

COMMENT ON FUNCTION pms.parse_prices IS $$Ticker messages as prices, one row per message

Source: contract.md, section 2, "Ticker". A price without a time is of now. Never raises for a
bad message: the row says rejected, why, and names the field.$$;
