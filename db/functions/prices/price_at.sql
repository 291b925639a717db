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
    (
        SELECT m.mark_price, m.priced_at, m.source
        FROM pms.prices m
        WHERE m.asset = price_at.asset
            AND m.priced_at <= price_at.at
            AND m.recorded_at <= price_at.known_at
    )
    UNION ALL
    (
        SELECT
            CASE WHEN c.is_close THEN h.close_price ELSE h.open_price END,
            CASE WHEN c.is_close THEN h.close_at ELSE h.open_at END,
            'history'
        FROM pms.price_bars h
        CROSS JOIN LATERAL (
            SELECT h.close_at <= price_at.at AND h.close_recorded_at <= price_at.known_at
        ) c (is_close)
        WHERE h.asset = price_at.asset
            AND h.minute <= price_at.at
            -- The search ends soon where what was known then is long ago.
            AND h.minute <= price_at.known_at + pms.largest_clock_skew()
            AND (
                c.is_close
                OR (h.open_at <= price_at.at AND h.open_recorded_at <= price_at.known_at)
            )
        ORDER BY h.minute DESC
        LIMIT 1
    )
) k
-- The newest of all was the newest then, once it was known.
ORDER BY k.source = 'history'
LIMIT 1
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
