CREATE OR REPLACE VIEW api.snapshots WITH (security_invoker = TRUE) AS
SELECT
    s.id,
    s.created_at,
    s.account,
    s.asset,
    s.mode,
    s.position_id,
    s.size,
    s.average_entry_price,
    s.break_even_price,
    s.current_price,
    s.unrealized_pnl,
    s.realized_pnl,
    s.long_size,
    s.short_size,
    s.unrealized_pnl_pct,
    s.time_held_minutes,
    s.position_size_norm,
    s.cost_basis,
    s.exposure_usdt,
    s.net_exposure_usdt,
    s.fees_paid,
    s.funding,
    s.net_pnl,
    s.unrealized_pnl_usdt,
    s.realized_pnl_usdt,
    s.fees_paid_usdt,
    s.funding_usdt,
    s.net_pnl_usdt,
    s.settlement_currency,
    s.unconverted_fees,
    s.price_status,
    s.price_updated_at,
    s.needs_review,
    coalesce(s.review_reasons, '{}') AS review_reasons,
    s.last_updated,
    s.last_snapshot_at,
    s.closed_at,
    s.position_created_at,
    s.version,
    pms.position_json(
        (
            s.account, s.position_id, s.asset, s.mode, s.size, s.average_entry_price,
            s.break_even_price, s.current_price, s.unrealized_pnl, s.realized_pnl, s.long_size,
            s.short_size,
            s.unrealized_pnl_pct, s.time_held_minutes, s.position_size_norm, s.cost_basis,
            s.exposure_usdt, s.net_exposure_usdt, s.fees_paid, s.funding, s.net_pnl,
            s.unrealized_pnl_usdt, s.realized_pnl_usdt, s.fees_paid_usdt, s.funding_usdt,
            s.net_pnl_usdt, s.settlement_currency, s.unconverted_fees, s.price_status,
            s.price_updated_at, s.needs_review, coalesce(s.review_reasons, '{}'), s.last_updated,
            s.last_snapshot_at, s.closed_at, s.position_created_at, s.version
        )::pms.current_positions
    ) AS snapshot_data,
    pms.rate_status(s.settlement_currency, s.created_at, s.created_at) AS rate_status
FROM pms.snapshots s
CROSS JOIN pms.read_only
WHERE NOT pms.is_book(s.account);

COMMENT ON VIEW api.snapshots IS $$Stored states of the positions

The columns of api.positions at the time of the snapshot. Indexed by (account, asset, mode,
created_at); a query that bounds created_at reads only the months in between.$$;

COMMENT ON COLUMN api.snapshots.id IS 'The id of the snapshot.';

COMMENT ON COLUMN api.snapshots.created_at IS 'The time of the snapshot.';

COMMENT ON COLUMN api.snapshots.account IS 'The account that holds the position.';

COMMENT ON COLUMN api.snapshots.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.snapshots.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.snapshots.position_id IS 'The id of the position.';

COMMENT ON COLUMN api.snapshots.size IS
'Quantity: + long, - short, 0 closed; in hedge mode long - short.';

COMMENT ON COLUMN api.snapshots.average_entry_price IS
'Quote currency; null when flat and when two legs are open, because averages are never mixed.';

COMMENT ON COLUMN api.snapshots.break_even_price IS
'Quote currency: the price at which net_pnl is 0; null when flat, when no price above 0 is, and in
snapshots of earlier versions.';

COMMENT ON COLUMN api.snapshots.current_price IS
'The newest mark price at that time; null if there was none.';

COMMENT ON COLUMN api.snapshots.unrealized_pnl IS
'Settlement currency: market value - cost; 0 when flat or without a price.';

COMMENT ON COLUMN api.snapshots.realized_pnl IS
'Settlement currency: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.snapshots.long_size IS
'Quantity held long, not negative; null in one-way mode.';

COMMENT ON COLUMN api.snapshots.short_size IS
'Quantity held short, not negative; null in one-way mode.';

COMMENT ON COLUMN api.snapshots.unrealized_pnl_pct IS
'Percentage of the cost basis; null when flat.';

COMMENT ON COLUMN api.snapshots.time_held_minutes IS
'Whole minutes since the current cycle opened; null when flat.';

COMMENT ON COLUMN api.snapshots.position_size_norm IS
'Ratio: exposure / total exposure of the account; null without a price.';

COMMENT ON COLUMN api.snapshots.cost_basis IS
'Settlement currency: cost of the open quantity, summed over legs, not negative.';

COMMENT ON COLUMN api.snapshots.exposure_usdt IS
'USDT: |market value| summed over legs; null without a price or a rate.';

COMMENT ON COLUMN api.snapshots.net_exposure_usdt IS
'USDT: signed market value; null without a price or a rate.';

COMMENT ON COLUMN api.snapshots.fees_paid IS 'Settlement currency: all fees; rebates are negative.';

COMMENT ON COLUMN api.snapshots.funding IS 'Settlement currency: received (+) or paid (-).';

COMMENT ON COLUMN api.snapshots.net_pnl IS
'Settlement currency: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.snapshots.unrealized_pnl_usdt IS
'USDT: unrealized_pnl at the newest rate of that time; null without a rate.';

COMMENT ON COLUMN api.snapshots.realized_pnl_usdt IS
'USDT: realized_pnl at the newest rate of that time; null without a rate.';

COMMENT ON COLUMN api.snapshots.fees_paid_usdt IS
'USDT: fees_paid at the newest rate of that time; null without a rate.';

COMMENT ON COLUMN api.snapshots.funding_usdt IS
'USDT: funding at the newest rate of that time; null without a rate.';

COMMENT ON COLUMN api.snapshots.net_pnl_usdt IS
'USDT: net_pnl at the newest rate of that time; null without a rate.';

COMMENT ON COLUMN api.snapshots.settlement_currency IS 'The currency of cost, PnL and fees.';

COMMENT ON COLUMN api.snapshots.unconverted_fees IS
'Count: entries whose fee is not counted because no rate is known for their time.';

COMMENT ON COLUMN api.snapshots.price_status IS
'fresh, stale (older than the threshold, still used) or missing.';

COMMENT ON COLUMN api.snapshots.price_updated_at IS 'The time of the mark price.';

COMMENT ON COLUMN api.snapshots.needs_review IS
'An operator should look: see review_reasons.';

COMMENT ON COLUMN api.snapshots.review_reasons IS
'Codes, in order; empty when needs_review is false, and before they were kept.';

COMMENT ON COLUMN api.snapshots.last_updated IS 'When the position last changed.';

COMMENT ON COLUMN api.snapshots.last_snapshot_at IS 'The time of the snapshot as well.';

COMMENT ON COLUMN api.snapshots.closed_at IS 'When the position became flat; null while open.';

COMMENT ON COLUMN api.snapshots.position_created_at IS
'When the service first recorded the position.';

COMMENT ON COLUMN api.snapshots.version IS
'Increases by one with every fill, adjustment or price applied; in hedge mode, summed over legs.';

COMMENT ON COLUMN api.snapshots.snapshot_data IS
'The position as the API returned it at that time.';

COMMENT ON COLUMN api.snapshots.rate_status IS
'Of the rate of the settlement currency to USDT then: fresh, stale (still used) or missing.';

GRANT SELECT ON api.snapshots TO pms_reader, pms_trader, pms_operator, pms_analyst;
