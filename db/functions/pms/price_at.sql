-- Deploy position_manager:functions/pms/price_at to pg
-- requires: migrations/price_minutes
-- requires: migrations/settings

BEGIN;

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
SELECT k.mark_price, k.priced_at, k.source
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
        FROM pms.price_minutes h
        CROSS JOIN LATERAL (
            SELECT h.close_at <= price_at.at AND h.close_recorded_at <= price_at.known_at
        ) c (is_close)
        WHERE h.asset = price_at.asset
            AND h.minute <= price_at.at
            -- Nothing is accepted that is dated further ahead: the search ends soon where what
            -- was known then is long ago.
            AND h.minute <= (
                SELECT price_at.known_at + s.clock_skew_limit
                FROM pms.settings s
            )
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

No row where none was known. Exact for the newest price; before it, of every minute the first and
the last price are kept. source of those is history.$$;

COMMIT;
