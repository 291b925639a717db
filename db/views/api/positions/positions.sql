CREATE OR REPLACE VIEW api.positions WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.id,
    p.asset,
    p.mode,
    p.size,
    p.average_entry_price,
    p.break_even_price,
    p.current_price,
    p.unrealized_pnl,
    p.realized_pnl,
    p.long_size,
    p.short_size,
    p.unrealized_pnl_pct,
    p.time_held_minutes,
    p.position_size_norm,
    p.cost_basis,
    p.exposure_usdt,
    p.net_exposure_usdt,
    p.fees_paid,
    p.funding,
    p.net_pnl,
    p.unrealized_pnl_usdt,
    p.realized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.net_pnl_usdt,
    p.settlement_currency,
    p.unconverted_fees,
    p.price_status,
    p.price_updated_at,
    p.needs_review,
    p.review_reasons,
    p.last_updated,
    p.last_snapshot_at,
    p.closed_at,
    p.created_at,
    p.version,
    pms.rate_status(p.settlement_currency) AS rate_status
FROM pms.current_positions p;

COMMENT ON VIEW api.positions IS $$The positions of each account

One row per account, asset and mode ever traded; a closed position has size 0. In hedge mode, a row
shows both legs. Amounts are exact, quotients rounded to 12 fractional digits. Formulas:
specs/001-position-management/accounting.md, "Published fields"; words: glossary.md there.$$;

COMMENT ON COLUMN api.positions.account IS 'The account that holds the position.';

COMMENT ON COLUMN api.positions.id IS 'Never changes.';

COMMENT ON COLUMN api.positions.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.positions.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.positions.size IS
'Quantity: + long, - short, 0 closed; in hedge mode long - short.';

COMMENT ON COLUMN api.positions.average_entry_price IS
'Quote currency; null when flat and when two legs are open, because averages are never mixed.';

COMMENT ON COLUMN api.positions.break_even_price IS
'Quote currency: the price at which net_pnl is 0; null when flat or when no price above 0 is.';

COMMENT ON COLUMN api.positions.current_price IS 'The newest mark price; null if there is none.';

COMMENT ON COLUMN api.positions.unrealized_pnl IS
'Settlement currency: market value - cost; 0 when flat or without a price.';

COMMENT ON COLUMN api.positions.realized_pnl IS
'Settlement currency: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.positions.long_size IS
'Quantity held long, not negative; null in one-way mode.';

COMMENT ON COLUMN api.positions.short_size IS
'Quantity held short, not negative; null in one-way mode.';

COMMENT ON COLUMN api.positions.unrealized_pnl_pct IS
'Percentage of the cost basis; null when flat.';

COMMENT ON COLUMN api.positions.time_held_minutes IS
'Whole minutes since the current cycle opened; null when flat.';

COMMENT ON COLUMN api.positions.position_size_norm IS
'Ratio: exposure / total exposure of the account; null without a price.';

COMMENT ON COLUMN api.positions.cost_basis IS
'Settlement currency: cost of the open quantity, summed over legs, not negative.';

COMMENT ON COLUMN api.positions.exposure_usdt IS
'USDT: |market value| summed over legs; null without a price or a rate.';

COMMENT ON COLUMN api.positions.net_exposure_usdt IS
'USDT: signed market value; null without a price or a rate.';

COMMENT ON COLUMN api.positions.fees_paid IS 'Settlement currency: all fees; rebates are negative.';

COMMENT ON COLUMN api.positions.funding IS 'Settlement currency: received (+) or paid (-).';

COMMENT ON COLUMN api.positions.net_pnl IS
'Settlement currency: realized + unrealized - fees + funding.';

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
'Count: entries whose fee is not counted because no rate is known for their time.';

COMMENT ON COLUMN api.positions.price_status IS
'fresh, stale (still used: older than the threshold, or in doubt for a held price) or missing.';

COMMENT ON COLUMN api.positions.price_updated_at IS 'The time of the mark price.';

COMMENT ON COLUMN api.positions.needs_review IS
'An operator should look: see review_reasons.';

COMMENT ON COLUMN api.positions.review_reasons IS
'Codes, in order; empty when needs_review is false. See api.position_reviews.';

COMMENT ON COLUMN api.positions.last_updated IS 'When the row last changed.';

COMMENT ON COLUMN api.positions.last_snapshot_at IS
'Time of the latest snapshot; null if there is none.';

COMMENT ON COLUMN api.positions.closed_at IS 'When the position became flat; null while open.';

COMMENT ON COLUMN api.positions.created_at IS 'When the service first recorded the position.';

COMMENT ON COLUMN api.positions.version IS
'Rises with every entry, and once an interval with a new price; in hedge mode, summed over legs.';

COMMENT ON COLUMN api.positions.rate_status IS
'Of the rate of the settlement currency to USDT: fresh, stale (still used) or missing.';

GRANT SELECT ON api.positions TO pms_reader, pms_trader, pms_operator, pms_analyst;
