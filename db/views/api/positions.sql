-- Deploy position_manager:views/api/positions to pg
-- requires: migrations/positions
-- requires: migrations/prices
-- requires: migrations/settings
-- requires: functions/pms/value
-- requires: functions/pms/average_price

BEGIN;

CREATE OR REPLACE VIEW api.positions AS
WITH leg AS (
    SELECT
        p.*,
        i.multiplier,
        i.kind = 'inverse' AS is_inverse,
        i.settlement_currency,
        m.mark_price,
        m.priced_at,
        CASE
            WHEN p.size = 0 THEN 0
            ELSE pms.value(p.size, m.mark_price, i.multiplier, i.kind = 'inverse')
        END AS market_value
    FROM pms.positions p
    INNER JOIN pms.instruments i ON p.asset = i.asset
    LEFT JOIN pms.prices m ON p.asset = m.asset
    -- Version 0: locked once, never changed.
    WHERE p.version > 0
),

summed AS (
    SELECT
        l.account,
        l.position_id,
        l.asset,
        l.mode,
        l.multiplier,
        l.is_inverse,
        l.settlement_currency,
        l.mark_price,
        l.priced_at,
        sum(l.size) AS size,
        sum(l.size) FILTER (WHERE l.leg = 'long') AS long_size,
        -sum(l.size) FILTER (WHERE l.leg = 'short') AS short_size,
        sum(l.cost) AS cost,
        sum(abs(l.cost)) AS cost_basis,
        sum(l.realized) AS realized,
        sum(l.fees_open) AS fees_open,
        sum(l.fees_close) AS fees_close,
        sum(l.funding) AS funding,
        count(*) FILTER (WHERE l.size <> 0) AS open_legs,
        min(l.opened_at) FILTER (WHERE l.size <> 0) AS opened_at,
        max(l.closed_at) AS closed_at,
        sum(l.market_value) AS market_value,
        sum(abs(l.market_value)) AS exposure,
        coalesce(sum(l.market_value - l.cost), 0) AS unrealized,
        bool_or(l.needs_review) AS needs_review,
        max(l.updated_at) AS updated_at,
        max(l.last_snapshot_at) AS last_snapshot_at,
        min(l.created_at) AS created_at,
        sum(l.version)::bigint AS version,
        -- Totals are in USDT: what settles in another currency is not counted as if it were, and
        -- an open leg without a price is not worth 0.
        l.settlement_currency = 'USDT' AND bool_and(l.market_value IS NOT NULL) AS is_counted
    FROM leg l
    GROUP BY
        l.account, l.position_id, l.asset, l.mode, l.multiplier, l.is_inverse,
        l.settlement_currency, l.mark_price, l.priced_at
),

valued AS (
    SELECT
        s.*,
        CASE WHEN s.is_counted THEN s.exposure END AS exposure_usdt,
        CASE WHEN s.is_counted THEN s.market_value END AS net_exposure_usdt,
        sum(s.exposure) FILTER (WHERE s.is_counted) OVER (PARTITION BY s.account)
            AS account_exposure_usdt
    FROM summed s
)

SELECT
    p.account,
    p.position_id AS id,
    p.asset,
    p.mode,
    trim_scale(p.size) AS size,
    CASE
        WHEN p.open_legs = 1
            THEN trim_scale(pms.average_price(p.size, p.cost, p.multiplier, p.is_inverse))
    END AS average_entry_price,
    trim_scale(p.mark_price) AS current_price,
    trim_scale(p.unrealized) AS unrealized_pnl,
    trim_scale(p.realized - p.fees_close + p.funding) AS realized_pnl,
    CASE WHEN p.mode = 'hedge' THEN trim_scale(coalesce(p.long_size, 0)) END AS long_size,
    CASE WHEN p.mode = 'hedge' THEN trim_scale(coalesce(p.short_size, 0)) END AS short_size,
    CASE
        WHEN p.cost_basis <> 0
            THEN trim_scale(pms.quotient(p.unrealized * 100, p.cost_basis, 0.000000000001))
    END AS unrealized_pnl_pct,
    CASE
        WHEN p.open_legs > 0
            THEN greatest(floor(extract(EPOCH FROM now() - p.opened_at) / 60), 0)::bigint
    END AS time_held_minutes,
    CASE
        WHEN p.mark_price IS NULL THEN NULL
        WHEN p.exposure_usdt = 0 THEN 0
        ELSE trim_scale(pms.quotient(p.exposure_usdt, p.account_exposure_usdt, 0.000000000001))
    END AS position_size_norm,
    trim_scale(p.cost_basis) AS cost_basis,
    trim_scale(p.exposure_usdt) AS exposure_usdt,
    trim_scale(p.net_exposure_usdt) AS net_exposure_usdt,
    trim_scale(p.fees_open + p.fees_close) AS fees_paid,
    trim_scale(p.funding) AS funding,
    trim_scale(p.realized + p.unrealized - p.fees_open - p.fees_close + p.funding) AS net_pnl,
    p.settlement_currency,
    CASE
        WHEN p.mark_price IS NULL THEN 'missing'
        WHEN p.priced_at < now() - c.price_staleness_threshold THEN 'stale'
        ELSE 'fresh'
    END AS price_status,
    p.priced_at AS price_updated_at,
    p.needs_review,
    p.updated_at AS last_updated,
    p.last_snapshot_at,
    CASE WHEN p.open_legs = 0 THEN p.closed_at END AS closed_at,
    p.created_at,
    p.version
FROM valued p
CROSS JOIN pms.settings c;

COMMENT ON VIEW api.positions IS $$What each account holds

One row per account, asset and mode ever traded; size is 0 once it is closed. In hedge mode a row
shows both legs. Amounts are exact, quotients rounded to 12 fractional digits. Source of the
formulas: accounting.md, "What is published".$$;
COMMENT ON COLUMN api.positions.account IS 'The account that holds it.';
COMMENT ON COLUMN api.positions.id IS 'Stable for ever.';
COMMENT ON COLUMN api.positions.asset IS 'Symbol, upper case.';
COMMENT ON COLUMN api.positions.mode IS 'one-way or hedge.';
COMMENT ON COLUMN api.positions.size IS
'Quantity: + long, - short, 0 closed; in hedge mode long - short.';
COMMENT ON COLUMN api.positions.average_entry_price IS
'Quote currency; null when flat, and when two legs are open: averages never mix.';
COMMENT ON COLUMN api.positions.current_price IS 'The newest mark price; null when there is none.';
COMMENT ON COLUMN api.positions.unrealized_pnl IS
'Settlement currency: market value - cost; 0 when flat or without a price.';
COMMENT ON COLUMN api.positions.realized_pnl IS
'Settlement currency: gross realised - fees of closing + funding.';
COMMENT ON COLUMN api.positions.long_size IS 'Quantity of the long leg; null in one-way mode.';
COMMENT ON COLUMN api.positions.short_size IS
'Quantity of the short leg, not negative; null in one-way mode.';
COMMENT ON COLUMN api.positions.unrealized_pnl_pct IS
'Percent of the cost basis; null when flat.';
COMMENT ON COLUMN api.positions.time_held_minutes IS
'Whole minutes since the present cycle opened; null when flat.';
COMMENT ON COLUMN api.positions.position_size_norm IS
'Ratio: exposure / total exposure of the account; null without a price.';
COMMENT ON COLUMN api.positions.cost_basis IS
'Settlement currency: what the open quantity cost, summed over legs, not negative.';
COMMENT ON COLUMN api.positions.exposure_usdt IS
'USDT: |market value| summed over legs; null without a price or a rate.';
COMMENT ON COLUMN api.positions.net_exposure_usdt IS
'USDT: signed market value; null without a price or a rate.';
COMMENT ON COLUMN api.positions.fees_paid IS 'Settlement currency: all fees; rebates are negative.';
COMMENT ON COLUMN api.positions.funding IS 'Settlement currency: received (+) or paid (-).';
COMMENT ON COLUMN api.positions.net_pnl IS
'Settlement currency: gross realised + unrealised - fees paid + funding: the bottom line.';
COMMENT ON COLUMN api.positions.settlement_currency IS 'The currency of cost, PnL and fees.';
COMMENT ON COLUMN api.positions.price_status IS
'fresh, stale (older than the threshold, still used) or missing.';
COMMENT ON COLUMN api.positions.price_updated_at IS 'The time of the mark price itself.';
COMMENT ON COLUMN api.positions.needs_review IS
'A person should look: it disagrees with the venue.';
COMMENT ON COLUMN api.positions.last_updated IS 'When the row last changed.';
COMMENT ON COLUMN api.positions.last_snapshot_at IS 'When it was last snapshot; null if never.';
COMMENT ON COLUMN api.positions.closed_at IS 'When it became flat; null while open.';
COMMENT ON COLUMN api.positions.created_at IS 'When we first knew of it.';
COMMENT ON COLUMN api.positions.version IS
'Rises by one for every fill, adjustment or price applied; in hedge mode the sum of the legs.';

GRANT SELECT ON api.positions TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
