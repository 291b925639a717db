-- One statement, so that it is inlined: columns that the caller does not read are not computed.
CREATE OR REPLACE FUNCTION pms.current_positions_of(keys pms.position_key[])
RETURNS SETOF pms.current_positions
LANGUAGE sql
STABLE
AS $$
WITH account AS MATERIALIZED (
    -- Once for each account, not for each position (ADR 0002).
    SELECT a.account, pms.account_exposure(a.account) AS exposure_usdt
    FROM (SELECT DISTINCT k.account FROM unnest(current_positions_of.keys) k) a
)

SELECT v.*
FROM (
    SELECT array_agg(h.leg) AS legs
    FROM unnest(current_positions_of.keys) k
    -- OFFSET 0 keeps the columns conditions of the index (ADR 0002).
    CROSS JOIN LATERAL (
        SELECT l.leg
        FROM pms.priced_legs l
        WHERE l.account = k.account
            AND l.asset = k.asset
            AND l.mode = k.mode
        OFFSET 0
    ) h
) p
-- Inlined, as its argument is a column.
CROSS JOIN LATERAL pms.sum_legs(p.legs) s
INNER JOIN account a ON s.account = a.account
CROSS JOIN (SELECT array_agg(h.asset) AS assets FROM pms.held_prices h) w
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_position(
    s, a.exposure_usdt, now(), c.price_staleness_threshold,
    coalesce(s.asset = ANY(w.assets), FALSE)
) v
$$;

COMMENT ON FUNCTION pms.current_positions_of IS
$$The positions of these keys, as in pms.current_positions

keys: each once. Reads no others: the view would have to value all positions of their accounts. One that was never
held has no row.$$;
