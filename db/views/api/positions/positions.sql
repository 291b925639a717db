CREATE OR REPLACE VIEW api.positions AS
WITH held AS (
    SELECT
        h.account,
        array_agg(h.leg) AS legs
    FROM pms.priced_legs h
    WHERE pms.in_scope(h.account)
    GROUP BY h.account
)

-- The account of the group, not of its legs: who asks for one account reads no other.
SELECT
    a.account,
    v.id,
    v.asset,
    v.mode,
    v.size,
    v.average_entry_price,
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
    v.last_updated,
    v.last_snapshot_at,
    v.closed_at,
    v.created_at,
    v.version
FROM held a
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_legs(a.legs, now(), c.price_staleness_threshold) v;

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

COMMENT ON COLUMN api.positions.long_size IS
'Quantity held long, not negative; null in one-way mode.';

COMMENT ON COLUMN api.positions.short_size IS
'Quantity held short, not negative; null in one-way mode.';

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

COMMENT ON COLUMN api.positions.unrealized_pnl_usdt IS
'USDT: unrealized_pnl at the newest rate; null without a rate.';

COMMENT ON COLUMN api.positions.realized_pnl_usdt IS
'USDT: realized_pnl at the newest rate; null without a rate.';

COMMENT ON COLUMN api.positions.fees_paid_usdt IS
'USDT: fees_paid at the newest rate; null without a rate.';

COMMENT ON COLUMN api.positions.funding_usdt IS
'USDT: funding at the newest rate; null without a rate.';

COMMENT ON COLUMN api.positions.net_pnl_usdt IS
'USDT: net_pnl at the newest rate; null without a rate.';

COMMENT ON COLUMN api.positions.settlement_currency IS 'The currency of cost, PnL and fees.';

COMMENT ON COLUMN api.positions.unconverted_fees IS
'Count: entries whose fee is in no amount, for want of a rate at their time.';

COMMENT ON COLUMN api.positions.price_status IS
'fresh, stale (older than the threshold, still used) or missing.';

COMMENT ON COLUMN api.positions.price_updated_at IS 'The time of the mark price itself.';

COMMENT ON COLUMN api.positions.needs_review IS
'A person should look: it disagrees with the venue, or a leg is on the wrong side.';

COMMENT ON COLUMN api.positions.last_updated IS 'When the row last changed.';

COMMENT ON COLUMN api.positions.last_snapshot_at IS 'When it was last snapshot; null if never.';

COMMENT ON COLUMN api.positions.closed_at IS 'When it became flat; null while open.';

COMMENT ON COLUMN api.positions.created_at IS 'When we first knew of it.';

COMMENT ON COLUMN api.positions.version IS
'Rises by one for every fill, adjustment or price applied; in hedge mode the sum of the legs.';

GRANT SELECT ON api.positions TO pms_reader, pms_trader, pms_operator, pms_analyst;
