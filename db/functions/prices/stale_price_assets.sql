CREATE OR REPLACE FUNCTION pms.stale_price_assets()
RETURNS SETOF text
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT DISTINCT p.asset
FROM pms.positions p
CROSS JOIN pms.settings s
LEFT JOIN pms.prices m ON p.asset = m.asset
WHERE p.size <> 0
    AND NOT pms.is_book(p.account)
    AND (
        m.held_price IS NOT NULL
        OR pms.is_fresh(
            m.priced_at, clock_timestamp(), s.price_staleness_threshold
        ) IS NOT TRUE
    )
ORDER BY p.asset
$$;

COMMENT ON FUNCTION pms.stale_price_assets IS
$$The assets of open positions whose price is stale, missing or in doubt for a held one

What the worker asks the fallback source for.$$;

GRANT EXECUTE ON FUNCTION pms.stale_price_assets TO pms_worker;
