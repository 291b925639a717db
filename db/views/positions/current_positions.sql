CREATE OR REPLACE VIEW pms.current_positions AS
WITH held AS (
    SELECT
        h.account,
        h.asset,
        h.mode,
        array_agg(h.leg) AS legs
    FROM pms.priced_legs h
    WHERE pms.in_scope(h.account)
    GROUP BY h.account, h.asset, h.mode
),

-- Grouped, so that it is asked once for each account and not for each position (ADR 0002).
account AS (
    SELECT
        t.account,
        pms.account_exposure(t.account) AS exposure_usdt
    FROM pms.account_totals t
    WHERE pms.in_scope(t.account)
    GROUP BY t.account
),

-- Nearly always none: an array costs a position less than a join.
doubtful AS (
    SELECT array_agg(h.asset) AS assets
    FROM pms.held_prices h
)

-- The key comes from the group, not the legs, so a query for one position reads no other.
SELECT
    p.account,
    v.id,
    p.asset,
    p.mode,
    v.size,
    v.average_entry_price,
    v.break_even_price,
    v.current_price,
    v.unrealized_pnl,
    v.realized_pnl,
    v.long_size,
    v.short_size,
    v.unrealized_pnl_pct,
    v.time_held_minutes,
    v.position_size_norm,
    v.cost_basis,
    v.exposure_usdt,
    v.net_exposure_usdt,
    v.fees_paid,
    v.funding,
    v.net_pnl,
    v.unrealized_pnl_usdt,
    v.realized_pnl_usdt,
    v.fees_paid_usdt,
    v.funding_usdt,
    v.net_pnl_usdt,
    v.settlement_currency,
    v.unconverted_fees,
    v.price_status,
    v.price_updated_at,
    v.needs_review,
    v.review_reasons,
    v.last_updated,
    v.last_snapshot_at,
    v.closed_at,
    v.created_at,
    v.version
FROM held p
CROSS JOIN pms.settings c
-- Without totals: one that was never held, and is flagged.
LEFT JOIN account a ON p.account = a.account
CROSS JOIN doubtful d
CROSS JOIN LATERAL pms.sum_legs(p.legs) s
CROSS JOIN LATERAL pms.value_position(
    s, a.exposure_usdt, now(), c.price_staleness_threshold,
    coalesce(p.asset = any(d.assets), FALSE)
) v;

COMMENT ON VIEW pms.current_positions IS $$The current positions with their valuation

One row per account in scope, asset and mode ever traded. Published as api.positions.$$;
