CREATE OR REPLACE VIEW api.exposure_by_asset_total WITH (security_barrier = TRUE) AS
SELECT
    c.asset,
    c.size,
    c.exposure_usdt,
    c.net_exposure_usdt,
    c.open_positions_count,
    c.complete
FROM pms.portfolio_totals_now c
WHERE NOT c.is_all_assets
    AND c.is_all_accounts;

COMMENT ON VIEW api.exposure_by_asset_total IS $$The exposure of each asset over all accounts

One row per asset. Over the accounts that the key may see.$$;

COMMENT ON COLUMN api.exposure_by_asset_total.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.exposure_by_asset_total.size IS 'Quantity: long - short, over both modes.';

COMMENT ON COLUMN api.exposure_by_asset_total.exposure_usdt IS
'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.exposure_by_asset_total.net_exposure_usdt IS 'USDT: signed market value.';

COMMENT ON COLUMN api.exposure_by_asset_total.open_positions_count IS
'Count: positions with an open leg.';

COMMENT ON COLUMN api.exposure_by_asset_total.complete IS
'False if an amount leaves out a position because it has no price or no rate to USDT.';

GRANT SELECT ON api.exposure_by_asset_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
