CREATE OR REPLACE FUNCTION pms.price_at(
    asset text,
    at timestamptz DEFAULT now(),
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS TABLE (mark_price numeric, priced_at timestamptz, source text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT
    CASE
        -- Units rarely change: most assets have no conversion.
        WHEN EXISTS (SELECT 1 FROM pms.price_conversions c WHERE c.asset = price_at.asset)
            THEN pms.converted_price(
                    price_at.asset, k.mark_price, k.priced_at, price_at.at, price_at.known_at
                )
        ELSE k.mark_price
    END,
    k.priced_at,
    k.source
FROM (
    SELECT
        coalesce(m.mark_price, h.mark_price) AS mark_price,
        coalesce(m.priced_at, h.priced_at) AS priced_at,
        coalesce(m.source, 'history') AS source
    FROM (SELECT price_at.asset) a
    -- The newest of all was the newest then, once it was known.
    LEFT JOIN pms.prices m
        ON a.asset = m.asset
            AND m.priced_at <= price_at.at
            AND m.recorded_at <= price_at.known_at
    LEFT JOIN LATERAL (
        SELECT
            CASE WHEN c.is_close THEN b.close_price ELSE b.open_price END AS mark_price,
            CASE WHEN c.is_close THEN b.close_at ELSE b.open_at END AS priced_at
        FROM pms.price_bars b
        CROSS JOIN LATERAL (
            SELECT b.close_at <= price_at.at AND b.close_recorded_at <= price_at.known_at
        ) c (is_close)
        WHERE m.asset IS NULL
            AND b.asset = price_at.asset
            AND b.minute <= price_at.at
            -- The search ends soon where what was known then is long ago.
            AND b.minute <= price_at.known_at + pms.largest_clock_skew()
            AND (
                c.is_close
                OR (b.open_at <= price_at.at AND b.open_recorded_at <= price_at.known_at)
            )
        ORDER BY b.minute DESC
        LIMIT 1
    ) h ON TRUE
    WHERE m.asset IS NOT NULL OR h.priced_at IS NOT NULL
) k
$$;

COMMENT ON FUNCTION pms.price_at IS $$The newest mark price of an asset at a moment, as known at one

In the units of that moment, whatever was split since the price. No row where none was known. Exact for the newest price; before it, of every minute the first and
the last price are kept. source of those is history.$$;

-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.rate_asset(currency text)
RETURNS TABLE (asset text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT u.asset FROM pms.unaliased(rate_asset.currency || 'USDT') u
$$;

COMMENT ON FUNCTION pms.rate_asset IS $$The asset whose mark price is the rate of a currency to USDT

CURRENCYUSDT, or what it is an alias of. The rate of USDT is 1.$$;

CREATE OR REPLACE FUNCTION pms.rate_at(
    currency text,
    at timestamptz DEFAULT now(),
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT CASE rate_at.currency
    WHEN 'USDT' THEN 1
    ELSE (
        SELECT p.mark_price
        FROM pms.rate_asset(rate_at.currency) r
        CROSS JOIN LATERAL pms.price_at(r.asset, rate_at.at, rate_at.known_at) p
        WHERE p.mark_price > 0
    )
END
$$;

COMMENT ON FUNCTION pms.rate_at IS $$USDT for one unit of a currency at a moment, as known at one

The mark price of pms.rate_asset; null where none was known. A rate between two currencies is the
quotient of theirs.$$;

CREATE OR REPLACE FUNCTION pms.price_range(asset text, since timestamptz, until timestamptz)
RETURNS TABLE (low_price numeric, high_price numeric, price_minutes bigint)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT min(k.low_price), max(k.high_price), count(k.low_price)
FROM (
    SELECT
        CASE
            WHEN m.is_within THEN m.low_price
            ELSE least(m.first_price, m.last_price)
        END AS low_price,
        CASE
            WHEN m.is_within THEN m.high_price
            ELSE greatest(m.first_price, m.last_price)
        END AS high_price
    FROM (
        SELECT
            h.low_price,
            h.high_price,
            h.minute >= price_range.since
            AND h.minute + INTERVAL '1 minute' <= price_range.until AS is_within,
            CASE
                WHEN h.open_at >= price_range.since AND h.open_at < price_range.until
                    THEN h.open_price
            END AS first_price,
            CASE
                WHEN h.close_at >= price_range.since AND h.close_at < price_range.until
                    THEN h.close_price
            END AS last_price
        FROM pms.price_bars h
        WHERE h.asset = price_range.asset
            AND h.minute > price_range.since - INTERVAL '1 minute'
            AND h.minute < price_range.until
    ) m
) k
$$;

COMMENT ON FUNCTION pms.price_range IS
$$The lowest and the highest price from one moment until another

By the prices that were kept: of a minute that lies within, its lowest and highest; of one that does
not wholly, its first and last price where they do. price_minutes: how many minutes had one.
Null where none had.$$;
