CREATE OR REPLACE FUNCTION pms.other_ticker_price(asset text, fields jsonb)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN pms.allows_negative_price(other_ticker_price.asset)
        THEN coalesce(
                pms.parse_decimal(fields ->> 'mark_price'),
                pms.parse_decimal(fields ->> 'markPrice'),
                pms.parse_decimal(fields ->> 'last_price'),
                pms.parse_decimal(fields ->> 'lastPrice')
            )
    ELSE coalesce(
        pms.parse_positive(fields ->> 'last_price'), pms.parse_positive(fields ->> 'lastPrice')
    )
END
$$;

COMMENT ON FUNCTION pms.other_ticker_price IS $$The price of a ticker without a positive mark price

The last price; of an asset that may trade at zero or less, the first price of all.$$;

CREATE OR REPLACE FUNCTION pms.parse_prices(messages jsonb[], source text)
RETURNS SETOF pms.price_event
LANGUAGE sql
STABLE
AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH literal AS (
    SELECT
        b.ordinal,
        b.trace_id,
        b.event_type,
        (SELECT n.asset FROM pms.asset_of(b.fields ->> 'symbol') n) AS asset,
        b.fields,
        coalesce(
            pms.unless_blank(b.fields ->> 'timestamp'), pms.unless_blank(b.doc ->> 'timestamp')
        ) AS priced_at
    FROM (
        SELECT
            m.ordinal::integer AS ordinal,
            m.doc,
            m.doc ->> 'event_type' AS event_type,
            left(pms.unless_blank(m.doc ->> 'trace_id'), 128) AS trace_id,
            CASE
                WHEN jsonb_typeof(m.doc -> 'payload') = 'object' THEN m.doc -> 'payload'
                ELSE m.doc -> 'data'
            END AS fields
        FROM unnest(parse_prices.messages) WITH ORDINALITY m (doc, ordinal)
        OFFSET 0
    ) b
    OFFSET 0
),

typed AS (
    SELECT
        l.*,
        coalesce(
            pms.parse_positive(l.fields ->> 'mark_price'),
            pms.parse_positive(l.fields ->> 'markPrice'),
            pms.other_ticker_price(l.asset, l.fields)
        ) AS mark_price_read,
        pms.parse_time(l.priced_at) AS priced_at_read
    FROM literal l
    OFFSET 0
),

checked AS (
    SELECT
        t.*,
        coalesce(
            pms.objection('unknown_event', 'event_type', CASE
                WHEN t.event_type IS DISTINCT FROM 'ticker' THEN 'must be ticker'
            END),
            pms.objection('invalid_asset', 'symbol', pms.check_asset(t.asset)),
            pms.objection('invalid_trace_id', 'trace_id', pms.check_printable(t.trace_id)),
            pms.objection('invalid_price', 'mark_price', pms.check_price(
                t.mark_price_read, pms.allows_negative_price(t.asset)
            )),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(t.priced_at, t.priced_at_read)
            ),
            pms.objection('time_in_future', 'timestamp', pms.check_not_future(
                t.priced_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            ))
        ) AS objection
    FROM typed t
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.asset,
    c.mark_price_read,
    coalesce(c.priced_at_read, clock_timestamp()),
    parse_prices.source
FROM checked c
$$;

COMMENT ON FUNCTION pms.parse_prices IS $$Ticker messages as prices, one row per message

Source: contract.md, section 2, "Ticker". A price without a time is current. Never raises: a bad
message is rejected, with a reason code and a detail that names the field.$$;
