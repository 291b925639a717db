CREATE OR REPLACE VIEW pms.account_exposures AS
SELECT
    t.account,
    sum(
        t.exposure
        -- Nearly all instruments settle in USDT and need no lookup.
        * CASE
            WHEN t.currency = 'USDT' THEN 1
            ELSE (
                SELECT r.rate
                FROM pms.usdt_rates r
                WHERE r.currency = t.currency
            )
        END
    ) AS exposure_usdt
FROM (
    SELECT
        k.account,
        k.currency,
        k.exposure
    FROM pms.account_totals k
    UNION ALL
    -- What the newest prices add that the stored legs do not have yet.
    SELECT
        p.account,
        i.settlement_currency AS currency,
        abs(pms.contract_value(p.size, m.mark_price, i.multiplier, i.kind = 'inverse'))
        - p.exposure AS exposure
    FROM pms.prices m
    INNER JOIN pms.positions p ON m.asset = p.asset
    INNER JOIN pms.instruments i ON m.asset = i.asset
    WHERE NOT m.is_marked
        AND p.size <> 0
) t
GROUP BY t.account;

COMMENT ON VIEW pms.account_exposures IS $$The exposure of each account in USDT, at the newest prices

The sum over its open legs with a price and a rate. Kept: a query for one account reads only those of
its legs that have a price of the last moment. null or no row: 0.$$;
