CREATE OR REPLACE VIEW api.portfolio AS
SELECT
    c.account,
    c.exposure_usdt AS total_exposure_usdt,
    c.net_exposure_usdt,
    c.net_exposure_usdt AS portfolio_value_usdt,
    c.unrealized_pnl_usdt AS total_unrealized_pnl_usdt,
    c.realized_pnl_usdt AS total_realized_pnl_usdt,
    c.total_pnl_usdt,
    c.fees_paid_usdt,
    c.funding_usdt,
    c.net_pnl_usdt,
    c.open_positions_count,
    c.long_positions_count,
    c.short_positions_count,
    c.unconverted_fees,
    c.complete,
    c.unpriced
FROM pms.portfolio_totals_now c
WHERE c.is_all_assets;

COMMENT ON VIEW api.portfolio IS $$Totals of each account, and of all of them together

One row per account; the row whose account is null is the sum over all accounts: ask for one or
the other. Exact amounts.$$;

COMMENT ON COLUMN api.portfolio.account IS 'Null: over all accounts.';

COMMENT ON COLUMN api.portfolio.total_exposure_usdt IS 'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.portfolio.net_exposure_usdt IS 'USDT: signed market value: long - short.';

COMMENT ON COLUMN api.portfolio.portfolio_value_usdt IS
'USDT: market value of all that is held; shorts count negative.';

COMMENT ON COLUMN api.portfolio.total_unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.portfolio.total_realized_pnl_usdt IS
'USDT: gross realised - fees of closing + funding.';

COMMENT ON COLUMN api.portfolio.total_pnl_usdt IS 'USDT: unrealised + realised.';

COMMENT ON COLUMN api.portfolio.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.portfolio.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.portfolio.net_pnl_usdt IS
'USDT: gross realised + unrealised - fees paid + funding: the bottom line.';

COMMENT ON COLUMN api.portfolio.open_positions_count IS 'Count: positions with an open leg.';

COMMENT ON COLUMN api.portfolio.long_positions_count IS 'Count: positions of size > 0.';

COMMENT ON COLUMN api.portfolio.short_positions_count IS 'Count: positions of size < 0.';

COMMENT ON COLUMN api.portfolio.unconverted_fees IS
'Count: entries whose fee is in no amount, for want of a rate at their time.';

COMMENT ON COLUMN api.portfolio.complete IS
'False when a position is left out of an amount, for want of a price or of a rate to USDT.';

COMMENT ON COLUMN api.portfolio.unpriced IS 'The assets of the positions that are left out.';

GRANT SELECT ON api.portfolio TO pms_reader, pms_trader, pms_operator, pms_analyst;
