CREATE OR REPLACE VIEW api.pnl_by_day WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete,
    p.conversion_usdt,
    p.starts_at,
    p.ends_at,
    p.is_restated,
    p.restated_at,
    p.restated_realized_pnl_usdt,
    p.restatements,
    p.flows_usdt,
    p.interest_usdt,
    p.cash_conversion_usdt
FROM pms.pnl_accounts a
CROSS JOIN LATERAL pms.period_pnl(a.members, NULL, 'day') p;

COMMENT ON VIEW api.pnl_by_day IS $$Profit and loss of each account by day

An entry counts in the day of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. api.pnl_by_day_total has all accounts together. For another time
zone, see api.pnl_by_period; for one position, api.position_pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_day.account IS 'The account.';

COMMENT ON COLUMN api.pnl_by_day.period_start IS 'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_day.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the day.';

COMMENT ON COLUMN api.pnl_by_day.realized_usdt IS
'USDT: realized PnL of the day, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_day.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_day.fees_paid_usdt IS 'USDT: fees of the day; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_day.funding_usdt IS 'USDT: received (+) or paid (-) in the day.';

COMMENT ON COLUMN api.pnl_by_day.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_day.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_day.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_day.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_day.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_day.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_day.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_day.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_day.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_day.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_day.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_day.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the day, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_day.interest_usdt IS
'USDT: interest of the day, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_day.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_day TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_week WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete,
    p.conversion_usdt,
    p.starts_at,
    p.ends_at,
    p.is_restated,
    p.restated_at,
    p.restated_realized_pnl_usdt,
    p.restatements,
    p.flows_usdt,
    p.interest_usdt,
    p.cash_conversion_usdt
FROM pms.pnl_accounts a
CROSS JOIN LATERAL pms.period_pnl(a.members, NULL, 'week') p;

COMMENT ON VIEW api.pnl_by_week IS $$Profit and loss of each account by week, from Monday

An entry counts in the week of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. api.pnl_by_week_total has all accounts together. For another time
zone, see api.pnl_by_period; for one position, api.position_pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_week.account IS 'The account.';

COMMENT ON COLUMN api.pnl_by_week.period_start IS 'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_week.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the week.';

COMMENT ON COLUMN api.pnl_by_week.realized_usdt IS
'USDT: realized PnL of the week, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_week.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_week.fees_paid_usdt IS 'USDT: fees of the week; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_week.funding_usdt IS 'USDT: received (+) or paid (-) in the week.';

COMMENT ON COLUMN api.pnl_by_week.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_week.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_week.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_week.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_week.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_week.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_week.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_week.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_week.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_week.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_week.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_week.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the week, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_week.interest_usdt IS
'USDT: interest of the week, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_week.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_week TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_month WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete,
    p.conversion_usdt,
    p.starts_at,
    p.ends_at,
    p.is_restated,
    p.restated_at,
    p.restated_realized_pnl_usdt,
    p.restatements,
    p.flows_usdt,
    p.interest_usdt,
    p.cash_conversion_usdt
FROM pms.pnl_accounts a
CROSS JOIN LATERAL pms.period_pnl(a.members, NULL, 'month') p;

COMMENT ON VIEW api.pnl_by_month IS $$Profit and loss of each account by month

An entry counts in the month of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. api.pnl_by_month_total has all accounts together. For another time
zone, see api.pnl_by_period; for one position, api.position_pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_month.account IS 'The account.';

COMMENT ON COLUMN api.pnl_by_month.period_start IS 'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_month.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the month.';

COMMENT ON COLUMN api.pnl_by_month.realized_usdt IS
'USDT: realized PnL of the month, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_month.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_month.fees_paid_usdt IS
'USDT: fees of the month; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_month.funding_usdt IS 'USDT: received (+) or paid (-) in the month.';

COMMENT ON COLUMN api.pnl_by_month.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_month.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_month.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_month.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_month.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_month.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_month.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_month.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_month.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_month.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_month.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_month.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the month, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_month.interest_usdt IS
'USDT: interest of the month, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_month.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_month TO pms_reader, pms_trader, pms_operator, pms_analyst;
