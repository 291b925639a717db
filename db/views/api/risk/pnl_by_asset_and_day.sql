CREATE OR REPLACE VIEW api.pnl_by_asset_and_day WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    p.asset,
    p.period_start,
    trim_scale(sum(p.net_pnl_usdt)) AS net_pnl_usdt,
    trim_scale(sum(p.realized_usdt)) AS realized_usdt,
    trim_scale(sum(p.unrealized_pnl_usdt)) AS unrealized_pnl_usdt,
    trim_scale(sum(p.fees_paid_usdt)) AS fees_paid_usdt,
    trim_scale(sum(p.funding_usdt)) AS funding_usdt,
    trim_scale(sum(p.conversion_usdt)) AS conversion_usdt,
    bool_and(p.complete) AS complete
FROM pms.pnl_accounts a
CROSS JOIN LATERAL api.position_pnl_by_period('day', account => a.account) p
GROUP BY a.account, p.asset, p.period_start;

COMMENT ON VIEW api.pnl_by_asset_and_day IS $$Profit and loss of each account by asset and day

From the first entry of a position on, a row for every day. An entry counts in the day of its event
time, in the time zone of POSITION_MANAGER_TIME_ZONE. The sum over all days is the net PnL of the
asset, the sum over all assets that of the day in api.pnl_by_day.$$;

COMMENT ON COLUMN api.pnl_by_asset_and_day.account IS 'The account.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.period_start IS 'The day, in the time zone.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the day.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.realized_usdt IS
'USDT: realized PnL of the day, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.fees_paid_usdt IS
'USDT: fees of the day; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.funding_usdt IS
'USDT: received (+) or paid (-) in the day.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_asset_and_day.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

GRANT SELECT ON api.pnl_by_asset_and_day TO pms_reader, pms_trader, pms_operator, pms_analyst;
