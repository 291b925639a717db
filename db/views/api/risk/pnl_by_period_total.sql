CREATE OR REPLACE VIEW api.pnl_by_day_total WITH (security_barrier = TRUE) AS
SELECT
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
FROM pms.period_pnl(NULL, NULL, 'day') p
WHERE pms.in_scope('*');

COMMENT ON VIEW api.pnl_by_day_total IS $$Profit and loss over all accounts by day

An entry counts in the day of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. No rows for a key that is bound to accounts. For another time
zone, see api.pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_day_total.period_start IS
'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_day_total.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the day.';

COMMENT ON COLUMN api.pnl_by_day_total.realized_usdt IS
'USDT: realized PnL of the day, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_day_total.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_day_total.fees_paid_usdt IS
'USDT: fees of the day; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_day_total.funding_usdt IS 'USDT: received (+) or paid (-) in the day.';

COMMENT ON COLUMN api.pnl_by_day_total.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_day_total.closing_equity_usdt IS
'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_day_total.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_day_total.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_day_total.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_day_total.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_day_total.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_day_total.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_day_total.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_day_total.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_day_total.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_day_total.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the day, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_day_total.interest_usdt IS
'USDT: interest of the day, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_day_total.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_day_total TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_week_total WITH (security_barrier = TRUE) AS
SELECT
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
FROM pms.period_pnl(NULL, NULL, 'week') p
WHERE pms.in_scope('*');

COMMENT ON VIEW api.pnl_by_week_total IS $$Profit and loss over all accounts by week, from Monday

An entry counts in the week of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. No rows for a key that is bound to accounts. For another time
zone, see api.pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_week_total.period_start IS
'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_week_total.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the week.';

COMMENT ON COLUMN api.pnl_by_week_total.realized_usdt IS
'USDT: realized PnL of the week, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_week_total.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_week_total.fees_paid_usdt IS
'USDT: fees of the week; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_week_total.funding_usdt IS
'USDT: received (+) or paid (-) in the week.';

COMMENT ON COLUMN api.pnl_by_week_total.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_week_total.closing_equity_usdt IS
'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_week_total.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_week_total.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_week_total.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_week_total.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_week_total.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_week_total.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_week_total.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_week_total.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_week_total.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_week_total.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the week, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_week_total.interest_usdt IS
'USDT: interest of the week, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_week_total.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_week_total TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_month_total WITH (security_barrier = TRUE) AS
SELECT
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
FROM pms.period_pnl(NULL, NULL, 'month') p
WHERE pms.in_scope('*');

COMMENT ON VIEW api.pnl_by_month_total IS $$Profit and loss over all accounts by month

An entry counts in the month of its event time, in the time zone of POSITION_MANAGER_TIME_ZONE. The
sum over all rows is the net PnL. No rows for a key that is bound to accounts. For another time
zone, see api.pnl_by_period.$$;

COMMENT ON COLUMN api.pnl_by_month_total.period_start IS
'The first day of the period, in the time zone.';

COMMENT ON COLUMN api.pnl_by_month_total.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding + conversion, of the month.';

COMMENT ON COLUMN api.pnl_by_month_total.realized_usdt IS
'USDT: realized PnL of the month, at the rate at the end of its quarter hour.';

COMMENT ON COLUMN api.pnl_by_month_total.unrealized_pnl_usdt IS
'USDT: change of the unrealized PnL from the start to the end.';

COMMENT ON COLUMN api.pnl_by_month_total.fees_paid_usdt IS
'USDT: fees of the month; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_month_total.funding_usdt IS
'USDT: received (+) or paid (-) in the month.';

COMMENT ON COLUMN api.pnl_by_month_total.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_month_total.closing_equity_usdt IS
'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_month_total.return_ratio IS
'Ratio: net PnL / opening equity, null unless it and capital are above 0; time-weighted with cash.';

COMMENT ON COLUMN api.pnl_by_month_total.complete IS
'False if an open position had no price at the start or the end, or an amount no rate.';

COMMENT ON COLUMN api.pnl_by_month_total.conversion_usdt IS
'USDT: what changes of rates did to PnL in other currencies; 0 where all settle in USDT.';

COMMENT ON COLUMN api.pnl_by_month_total.starts_at IS 'The moment at which the period begins.';

COMMENT ON COLUMN api.pnl_by_month_total.ends_at IS 'The moment at which the next one begins.';

COMMENT ON COLUMN api.pnl_by_month_total.is_restated IS
'True if a restatement recorded after the end changed the period.';

COMMENT ON COLUMN api.pnl_by_month_total.restated_at IS 'When it was last restated; null if never.';

COMMENT ON COLUMN api.pnl_by_month_total.restated_realized_pnl_usdt IS
'USDT: what those restatements changed in the realized PnL of the period; null without one.';

COMMENT ON COLUMN api.pnl_by_month_total.restatements IS 'Their ids in api.restatements.';

COMMENT ON COLUMN api.pnl_by_month_total.flows_usdt IS
'USDT: deposits - withdrawals + transfers of the month, and changes of capital; null without cash.';

COMMENT ON COLUMN api.pnl_by_month_total.interest_usdt IS
'USDT: interest of the month, received (+) or paid (-); null without cash.';

COMMENT ON COLUMN api.pnl_by_month_total.cash_conversion_usdt IS
'USDT: what changes of rates did to cash in other currencies; null without cash.';

GRANT SELECT ON api.pnl_by_month_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
