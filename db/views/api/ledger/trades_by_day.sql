CREATE OR REPLACE VIEW api.trades_by_day WITH (security_barrier = TRUE) AS
SELECT
    f.account,
    f.asset,
    (f.executed_at AT TIME ZONE c.time_zone)::date AS period_start,
    count(*) AS trades,
    count(*) FILTER (WHERE f.quantity > 0) AS buys,
    count(*) FILTER (WHERE f.quantity < 0) AS sells,
    trim_scale(sum(abs(f.quantity))) AS quantity_traded,
    trim_scale(sum(abs(f.value))) AS turnover,
    trim_scale(sum(f.fee)) AS fees_paid,
    f.settlement_currency
FROM api.fills f
CROSS JOIN pms.settings c
WHERE f.kind = 'trade'
    AND f.voided_at IS NULL
    AND pms.in_scope(f.account)
GROUP BY f.account, f.asset, period_start, f.settlement_currency;

COMMENT ON VIEW api.trades_by_day IS $$Trades and turnover of each account by asset and day

A trade counts in the day of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. Without
voided ones, transfers, openings and corporate actions.$$;

COMMENT ON COLUMN api.trades_by_day.account IS 'The account.';

COMMENT ON COLUMN api.trades_by_day.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.trades_by_day.period_start IS 'The day, in the time zone.';

COMMENT ON COLUMN api.trades_by_day.trades IS 'Count: trades.';

COMMENT ON COLUMN api.trades_by_day.buys IS 'Count: trades that bought.';

COMMENT ON COLUMN api.trades_by_day.sells IS 'Count: trades that sold.';

COMMENT ON COLUMN api.trades_by_day.quantity_traded IS 'Quantity: bought and sold, not negative.';

COMMENT ON COLUMN api.trades_by_day.turnover IS 'Settlement currency: |value| summed over trades.';

COMMENT ON COLUMN api.trades_by_day.fees_paid IS 'Settlement currency: fees; rebates are negative.';

COMMENT ON COLUMN api.trades_by_day.settlement_currency IS 'The currency of turnover and fees.';

GRANT SELECT ON api.trades_by_day TO pms_reader, pms_trader, pms_operator, pms_analyst;
