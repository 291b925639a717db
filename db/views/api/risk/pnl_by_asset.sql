CREATE OR REPLACE VIEW api.pnl_by_asset AS
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
WHERE NOT c.is_all_assets;

COMMENT ON VIEW api.pnl_by_asset IS $$What each asset has earned

One row per account and asset; the rows whose account is null are sums over all accounts: ask for
one or the other.$$;

COMMENT ON COLUMN api.pnl_by_asset.account IS 'Null: over all accounts.';

COMMENT ON COLUMN api.pnl_by_asset.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.pnl_by_asset.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.pnl_by_asset.realized_pnl_usdt IS
'USDT: gross realised - fees of closing + funding.';

COMMENT ON COLUMN api.pnl_by_asset.total_pnl_usdt IS 'USDT: unrealised + realised.';

COMMENT ON COLUMN api.pnl_by_asset.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_asset.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.pnl_by_asset.net_pnl_usdt IS
'USDT: gross realised + unrealised - fees paid + funding: the bottom line.';

COMMENT ON COLUMN api.pnl_by_asset.complete IS
'False when a position is left out of an amount, for want of a price or of a rate to USDT.';

GRANT SELECT ON api.pnl_by_asset TO pms_reader, pms_trader, pms_operator, pms_analyst;
