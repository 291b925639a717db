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
    SELECT
        k.account,
        ARRAY(
            SELECT h.leg
            FROM pms.priced_legs h
            WHERE h.account = k.account
                AND h.asset = k.asset
                AND h.mode = k.mode
        ) AS legs
    FROM unnest(current_positions_of.keys) k
    -- The legs are read once for both who use them (ADR 0002).
    OFFSET 0
) p
INNER JOIN account a ON p.account = a.account
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_position(
    p.legs, a.exposure_usdt, now(), c.price_staleness_threshold
) v
WHERE p.legs <> '{}'
$$;

COMMENT ON FUNCTION pms.current_positions_of IS
$$The positions of these keys, as in pms.current_positions

Reads no others: the view would have to value all positions of their accounts. One that was never
held has no row.$$;
