CREATE OR REPLACE VIEW pms.usdt_rates AS
SELECT
    'USDT' AS currency,
    1::numeric AS rate,
    NULL::timestamptz AS priced_at
UNION ALL
SELECT
    left(m.asset, -4) AS currency,
    m.mark_price AS rate,
    m.priced_at
FROM pms.prices m
WHERE m.asset LIKE '_%USDT'
    AND m.asset <> 'USDTUSDT'
    AND m.mark_price > 0
UNION ALL
SELECT
    left(a.alias, -4) AS currency,
    m.mark_price AS rate,
    m.priced_at
FROM pms.instrument_aliases a
INNER JOIN pms.prices m ON a.asset = m.asset
WHERE a.alias LIKE '_%USDT'
    AND a.alias <> 'USDTUSDT'
    AND m.mark_price > 0;

COMMENT ON VIEW pms.usdt_rates IS $$The current USDT rate of each currency with a mark price

The same as pms.rate_at for the current time: what pms.rate_asset finds by the currency, read from
the other end. priced_at is null for USDT itself.$$;
