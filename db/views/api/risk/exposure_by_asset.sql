CREATE OR REPLACE VIEW api.exposure_by_asset WITH (security_barrier = TRUE) AS
SELECT
    c.account,
    c.asset,
    c.size,
    c.exposure_usdt,
    c.net_exposure_usdt,
    c.open_positions_count,
    c.complete
FROM pms.portfolio_totals_now c
WHERE NOT c.is_all_assets
    AND NOT c.is_all_accounts;

COMMENT ON VIEW api.exposure_by_asset IS $$The exposure of each asset in each account

One row per account and asset; api.exposure_by_asset_total has the sums over accounts.$$;

COMMENT ON COLUMN api.exposure_by_asset.account IS 'The account.';

COMMENT ON COLUMN api.exposure_by_asset.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.exposure_by_asset.size IS 'Quantity: long - short, over both modes.';

COMMENT ON COLUMN api.exposure_by_asset.exposure_usdt IS 'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.exposure_by_asset.net_exposure_usdt IS 'USDT: signed market value.';

COMMENT ON COLUMN api.exposure_by_asset.open_positions_count IS
'Count: positions with an open leg.';

COMMENT ON COLUMN api.exposure_by_asset.complete IS
'False if an amount leaves out a position because it has no price or no rate to USDT.';

GRANT SELECT ON api.exposure_by_asset TO pms_reader, pms_trader, pms_operator, pms_analyst;
