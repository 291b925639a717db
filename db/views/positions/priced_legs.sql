CREATE OR REPLACE VIEW pms.priced_legs AS
SELECT
    p.account,
    p.asset,
    p.mode,
    (
        p.account, p.position_id, p.asset, p.mode, p.leg,
        i.multiplier, i.kind = 'inverse', i.settlement_currency,
        p.size, p.cost, p.realized, p.fees_open, p.fees_close, p.funding,
        p.opened_at, p.closed_at,
        m.mark_price, m.priced_at,
        -- Nearly all instruments settle in USDT and need no lookup.
        CASE
            WHEN i.settlement_currency = 'USDT' THEN 1
            ELSE (
                SELECT r.rate
                FROM pms.usdt_rates r
                WHERE r.currency = i.settlement_currency
            )
        END,
        coalesce(u.fees, 0),
        p.version, p.needs_review, p.created_at, p.updated_at, p.last_snapshot_at
    )::pms.priced_leg AS leg
FROM pms.positions p
INNER JOIN pms.instruments i ON p.asset = i.asset
LEFT JOIN pms.prices m ON p.asset = m.asset
LEFT JOIN pms.unconverted_fees u
    ON (p.account, p.asset, p.mode, p.leg) = (u.account, u.asset, u.mode, u.leg)
-- Version 0: a row that was locked but never changed. An inequality uses no index, which without
-- good statistics would be preferred to that of the key (ADR 0002).
WHERE p.version <> 0;

COMMENT ON VIEW pms.priced_legs IS $$Every current leg with its price and rate

account, asset and mode repeat those of the leg, so a query for one position reads no other.$$;
