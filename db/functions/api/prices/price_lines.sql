CREATE OR REPLACE FUNCTION api.price_lines(
    assets text[] DEFAULT NULL,
    from_time timestamptz DEFAULT now() - interval '24 hours',
    to_time timestamptz DEFAULT now(),
    points integer DEFAULT 25
)
RETURNS TABLE (asset text, prices text[])
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF (points BETWEEN 2 AND 1000) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'points out of range',
            DETAIL = format('points is %s', coalesce(points::text, 'null')),
            HINT = 'A line has 2 to 1000 points.';
    END IF;
    IF (isfinite(from_time) AND isfinite(to_time) AND from_time < to_time) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'from_time is not before to_time',
            DETAIL = format('from_time is %L, to_time is %L', from_time, to_time),
            HINT = 'Name two moments, the earlier one first.';
    END IF;

    RETURN QUERY
    SELECT
        m.asset,
        ARRAY(
            SELECT pms.decimal_text(CASE
                WHEN c.has_units
                    THEN pms.converted_price(m.asset, p.mark_price, n.at, 'infinity', 'infinity')
                ELSE p.mark_price
            END)
            FROM (
                SELECT from_time + (to_time - from_time) * g / (points - 1)
                FROM generate_series(0, points - 1) g
            ) n (at)
            LEFT JOIN LATERAL pms.price_at(m.asset, n.at) p ON TRUE
            ORDER BY n.at
        )
    FROM pms.prices m
    -- Units rarely change: most assets have no conversion.
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT 1 FROM pms.price_conversions k WHERE k.asset = m.asset)
    ) c (has_units)
    WHERE price_lines.assets IS NULL
        OR m.asset = ANY(price_lines.assets)
    ORDER BY m.asset;
END
$$;

COMMENT ON FUNCTION api.price_lines IS $$Mark prices at equal distances in time, to draw a line

From from_time to to_time, both inclusive, of all assets or of the given ones. A price is the newest
one of its moment, null where none was known; it is in the present units, after all later splits.

Refuses with:
- 400 `points out of range`, `from_time is not before to_time`$$;

GRANT EXECUTE ON FUNCTION api.price_lines TO pms_reader, pms_trader, pms_operator, pms_analyst;
