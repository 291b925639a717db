CREATE OR REPLACE VIEW api.pnl_by_asset WITH (security_barrier = TRUE) AS
SELECT
    c.account,
    c.asset,
    c.unrealized_pnl_usdt,
    c.realized_pnl_usdt,
    c.total_pnl_usdt,
    c.fees_paid_usdt,
    c.funding_usdt,
    c.net_pnl_usdt,
    c.complete
FROM pms.portfolio_totals_now c
WHERE NOT c.is_all_assets
    AND NOT c.is_all_accounts;

COMMENT ON VIEW api.pnl_by_asset IS $$Profit and loss of each asset in each account

One row per account and asset; api.pnl_by_asset_total has the sums over accounts.$$;

COMMENT ON COLUMN api.pnl_by_asset.account IS 'The account.';

COMMENT ON COLUMN api.pnl_by_asset.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.pnl_by_asset.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.pnl_by_asset.realized_pnl_usdt IS
'USDT: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.pnl_by_asset.total_pnl_usdt IS
'USDT: unrealized + realized_pnl, without the fees of opening.';

COMMENT ON COLUMN api.pnl_by_asset.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_asset.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.pnl_by_asset.net_pnl_usdt IS 'USDT: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.pnl_by_asset.complete IS
'False if an amount leaves out a position because it has no price or no rate to USDT.';

GRANT SELECT ON api.pnl_by_asset TO pms_reader, pms_trader, pms_operator, pms_analyst;
