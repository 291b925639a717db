-- Deploy position_manager:functions/pms/price_range to pg
-- requires: migrations/price_minutes

BEGIN;

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
        FROM pms.price_minutes h
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

COMMIT;
