-- Deploy position_manager:functions/pms/keep_prices to pg
-- requires: migrations/price_minutes
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_prices(prices pms.price_event[], recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.price_minutes AS h (
        asset, minute, open_price, open_at, open_recorded_at, high_price, low_price,
        close_price, close_at, close_recorded_at
    )
    SELECT
        m.asset,
        m.minute,
        m.marks[1],
        m.times[1],
        keep_prices.recorded_at,
        m.high,
        m.low,
        m.marks[m.prices],
        m.times[m.prices],
        keep_prices.recorded_at
    FROM (
        SELECT
            e.asset,
            e.minute,
            array_agg(e.mark_price ORDER BY e.priced_at, e.ordinal) AS marks,
            array_agg(e.priced_at ORDER BY e.priced_at, e.ordinal) AS times,
            max(e.mark_price) AS high,
            min(e.mark_price) AS low,
            count(*) AS prices
        FROM (
            SELECT
                p.asset, p.mark_price, p.priced_at, p.ordinal,
                date_bin('1 minute', p.priced_at, '2000-01-01 00:00:00+00') AS minute
            FROM unnest(keep_prices.prices) p
            WHERE p.outcome IS NULL
        ) e
        GROUP BY e.asset, e.minute
    ) m
    -- Two batches that meet write their rows in the same order.
    ORDER BY m.asset, m.minute
    ON CONFLICT ON CONSTRAINT price_minutes_pkey DO UPDATE
    SET open_price = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_price
            ELSE h.open_price
        END,
        open_at = least(h.open_at, excluded.open_at),
        open_recorded_at = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_recorded_at
            ELSE h.open_recorded_at
        END,
        high_price = greatest(h.high_price, excluded.high_price),
        low_price = least(h.low_price, excluded.low_price),
        close_price = CASE
            WHEN excluded.close_at >= h.close_at THEN excluded.close_price
            ELSE h.close_price
        END,
        close_at = greatest(h.close_at, excluded.close_at),
        close_recorded_at = CASE
            WHEN excluded.close_at > h.close_at
                OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
                THEN excluded.close_recorded_at
            ELSE h.close_recorded_at
        END
    -- What is known already is not learned again.
    WHERE excluded.open_at < h.open_at
        OR excluded.close_at > h.close_at
        OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
        OR excluded.high_price > h.high_price
        OR excluded.low_price < h.low_price;
END
$$;

COMMENT ON FUNCTION pms.keep_prices IS $$Merge prices into the history, minute by minute

Takes those without an outcome. The caller holds the lock of their assets in pms.prices.$$;

COMMIT;
