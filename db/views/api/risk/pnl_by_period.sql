CREATE OR REPLACE VIEW api.pnl_by_day WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
FROM pms.pnl_periods p
WHERE p.unit = 'day';

COMMENT ON VIEW api.pnl_by_day IS $$Profit and loss of each account by day (UTC)

The difference between the totals at the end of the day and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a day without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.$$;

COMMENT ON COLUMN api.pnl_by_day.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.pnl_by_day.period_start IS 'The day, in UTC.';

COMMENT ON COLUMN api.pnl_by_day.net_pnl_usdt IS
'USDT: gross realized + unrealized - fees paid + funding, of the day.';

COMMENT ON COLUMN api.pnl_by_day.realized_usdt IS 'USDT: gross realized in the day.';

COMMENT ON COLUMN api.pnl_by_day.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

COMMENT ON COLUMN api.pnl_by_day.fees_paid_usdt IS 'USDT: fees of the day; rebates are negative.';
COMMENT ON COLUMN api.pnl_by_day.funding_usdt IS 'USDT: received (+) or paid (-) in the day.';
COMMENT ON COLUMN api.pnl_by_day.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_day.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_day.return_ratio IS
'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

COMMENT ON COLUMN api.pnl_by_day.complete IS
'False if an amount left out a position, before the period or at its end.';

GRANT SELECT ON api.pnl_by_day TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_week WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
FROM pms.pnl_periods p
WHERE p.unit = 'week';

COMMENT ON VIEW api.pnl_by_week IS $$Profit and loss of each account by week (UTC, from Monday)

The difference between the totals at the end of the week and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a week without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.$$;

COMMENT ON COLUMN api.pnl_by_week.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.pnl_by_week.period_start IS 'The first day of the period, in UTC.';

COMMENT ON COLUMN api.pnl_by_week.net_pnl_usdt IS
'USDT: gross realized + unrealized - fees paid + funding, of the week.';

COMMENT ON COLUMN api.pnl_by_week.realized_usdt IS 'USDT: gross realized in the week.';

COMMENT ON COLUMN api.pnl_by_week.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

COMMENT ON COLUMN api.pnl_by_week.fees_paid_usdt IS 'USDT: fees of the week; rebates are negative.';
COMMENT ON COLUMN api.pnl_by_week.funding_usdt IS 'USDT: received (+) or paid (-) in the week.';
COMMENT ON COLUMN api.pnl_by_week.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_week.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_week.return_ratio IS
'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

COMMENT ON COLUMN api.pnl_by_week.complete IS
'False if an amount left out a position, before the period or at its end.';

GRANT SELECT ON api.pnl_by_week TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE VIEW api.pnl_by_month WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
FROM pms.pnl_periods p
WHERE p.unit = 'month';

COMMENT ON VIEW api.pnl_by_month IS $$Profit and loss of each account by month (UTC)

The difference between the totals at the end of the month and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a month without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.$$;

COMMENT ON COLUMN api.pnl_by_month.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.pnl_by_month.period_start IS 'The first day of the period, in UTC.';

COMMENT ON COLUMN api.pnl_by_month.net_pnl_usdt IS
'USDT: gross realized + unrealized - fees paid + funding, of the month.';

COMMENT ON COLUMN api.pnl_by_month.realized_usdt IS 'USDT: gross realized in the month.';

COMMENT ON COLUMN api.pnl_by_month.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

COMMENT ON COLUMN api.pnl_by_month.fees_paid_usdt IS
'USDT: fees of the month; rebates are negative.';

COMMENT ON COLUMN api.pnl_by_month.funding_usdt IS 'USDT: received (+) or paid (-) in the month.';

COMMENT ON COLUMN api.pnl_by_month.opening_equity_usdt IS 'USDT: equity before the period.';

COMMENT ON COLUMN api.pnl_by_month.closing_equity_usdt IS 'USDT: equity at the end of the period.';

COMMENT ON COLUMN api.pnl_by_month.return_ratio IS
'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

COMMENT ON COLUMN api.pnl_by_month.complete IS
'False if an amount left out a position, before the period or at its end.';

GRANT SELECT ON api.pnl_by_month TO pms_reader, pms_trader, pms_operator, pms_analyst;
