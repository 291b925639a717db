CREATE OR REPLACE VIEW api.fifo_positions WITH (security_barrier = TRUE) AS
WITH lot AS (
    SELECT
        p.account,
        p.asset,
        p.mode,
        p.leg,
        count(*) AS lots,
        sum(o.quantity) AS quantity,
        sum(o.cost) AS cost
    FROM pms.positions p
    CROSS JOIN LATERAL pms.open_lots(p.account, p.asset, p.mode, p.leg) o
    WHERE pms.in_scope(p.account)
    GROUP BY p.account, p.asset, p.mode, p.leg
),

leg AS (
    SELECT
        p.*,
        i.multiplier,
        i.kind = 'inverse' AS is_inverse,
        i.settlement_currency,
        m.mark_price,
        coalesce(l.lots, 0) AS lots,
        -- Lots that do not add up to the size give no cost.
        CASE WHEN coalesce(l.quantity, 0) = p.size THEN coalesce(l.cost, 0) END AS fifo_cost,
        CASE
            WHEN p.size = 0 THEN 0
            ELSE pms.contract_value(p.size, m.mark_price, i.multiplier, i.kind = 'inverse')
        END AS market_value
    FROM pms.positions p
    INNER JOIN pms.instruments i ON p.asset = i.asset
    LEFT JOIN lot l
        ON p.account = l.account AND p.asset = l.asset AND p.mode = l.mode AND p.leg = l.leg
    LEFT JOIN pms.prices m ON p.asset = m.asset
    -- Version 0: a row that was locked but never changed.
    WHERE p.version > 0
        AND pms.in_scope(p.account)
)

SELECT
    l.account,
    l.asset,
    l.mode,
    l.leg,
    trim_scale(l.size) AS size,
    l.lots,
    trim_scale(l.mark_price) AS current_price,
    trim_scale(l.fifo_cost) AS fifo_cost,
    trim_scale(
        pms.average_price(l.size, l.fifo_cost, l.multiplier, l.is_inverse)
    ) AS fifo_average_entry_price,
    trim_scale(l.fifo_cost + l.realized - l.cost) AS fifo_realized,
    trim_scale(l.market_value - l.fifo_cost) AS fifo_unrealized_pnl,
    trim_scale(l.cost) AS average_cost,
    trim_scale(
        pms.average_price(l.size, l.cost, l.multiplier, l.is_inverse)
    ) AS average_entry_price,
    trim_scale(l.realized) AS average_realized,
    trim_scale(l.market_value - l.cost) AS average_unrealized_pnl,
    l.settlement_currency
FROM leg l;

COMMENT ON VIEW api.fifo_positions IS $$Every leg, first in first out and at average cost

Both before fees and funding. The two methods differ in when a profit becomes realized; the sum of
realized and unrealized is the same. An opening or an adjustment sets quantity and cost, so both
methods agree immediately after it. The fifo_* columns are null while the row of the leg differs
from its ledger, until a validation has corrected it.$$;

COMMENT ON COLUMN api.fifo_positions.account IS 'The account that holds the leg.';

COMMENT ON COLUMN api.fifo_positions.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.fifo_positions.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.fifo_positions.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.fifo_positions.size IS 'Quantity, signed: + long, - short, 0 closed.';

COMMENT ON COLUMN api.fifo_positions.lots IS 'Count: open lots; see api.fifo_lots.';

COMMENT ON COLUMN api.fifo_positions.current_price IS 'Quote currency; null without a price.';

COMMENT ON COLUMN api.fifo_positions.fifo_cost IS
'Settlement currency: signed cost of the open lots.';

COMMENT ON COLUMN api.fifo_positions.fifo_average_entry_price IS
'Quote currency: average cost per unit of the open lots; null when flat.';

COMMENT ON COLUMN api.fifo_positions.fifo_realized IS
'Settlement currency: realized PnL with the oldest lots sold first.';

COMMENT ON COLUMN api.fifo_positions.fifo_unrealized_pnl IS
'Settlement currency: unrealized PnL of the open lots; null without one.';

COMMENT ON COLUMN api.fifo_positions.average_cost IS
'Settlement currency: signed cost of the open quantity, at average cost.';

COMMENT ON COLUMN api.fifo_positions.average_entry_price IS
'Quote currency; as in api.positions; null when flat.';

COMMENT ON COLUMN api.fifo_positions.average_realized IS
'Settlement currency: realized PnL at average cost.';

COMMENT ON COLUMN api.fifo_positions.average_unrealized_pnl IS
'Settlement currency: unrealized PnL at average cost; null without a price.';

COMMENT ON COLUMN api.fifo_positions.settlement_currency IS 'The currency of costs and profits.';

GRANT SELECT ON api.fifo_positions TO pms_reader, pms_trader, pms_operator, pms_analyst;
