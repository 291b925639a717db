CREATE OR REPLACE VIEW api.pnl_by_asset_total WITH (security_barrier = TRUE) AS
SELECT
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
    AND c.is_all_accounts;

COMMENT ON VIEW api.pnl_by_asset_total IS $$Profit and loss of each asset over all accounts

One row per asset. Over the accounts that the key may see.$$;

COMMENT ON COLUMN api.pnl_by_asset_total.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.pnl_by_asset_total.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.pnl_by_asset_total.realized_pnl_usdt IS
'USDT: realized net (realized - fees of closing) + funding.';

COMMENT ON COLUMN api.pnl_by_asset_total.total_pnl_usdt IS
'USDT: unrealized + realized_pnl, without the fees of opening.';

COMMENT ON COLUMN api.pnl_by_asset_total.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_asset_total.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.pnl_by_asset_total.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.pnl_by_asset_total.complete IS
'False if an amount leaves out a position because it has no price or no rate to USDT.';

GRANT SELECT ON api.pnl_by_asset_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
