CREATE OR REPLACE VIEW pms.unmarked_legs AS
SELECT
    p.account,
    p.asset,
    (
        abs(pms.contract_value(p.size, m.mark_price, i.multiplier, i.kind = 'inverse'))
        - p.exposure
    ) * (
        SELECT r.rate
        FROM pms.usdt_rates r
        WHERE r.currency = i.settlement_currency
    ) AS exposure_change_usdt
FROM pms.positions p
INNER JOIN pms.prices m ON p.asset = m.asset
INNER JOIN pms.instruments i ON p.asset = i.asset
WHERE NOT m.is_marked
    AND p.size <> 0;

COMMENT ON VIEW pms.unmarked_legs IS $$Open legs of assets whose newest price is not marked yet

exposure_change_usdt: by how much the price changes the stored exposure.$$;
