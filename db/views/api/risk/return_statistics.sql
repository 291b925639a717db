CREATE OR REPLACE VIEW api.return_statistics WITH (security_barrier = TRUE) AS
SELECT
    a.account,
    s.days,
    s.winning_days,
    s.losing_days,
    s.mean_return,
    s.standard_deviation,
    s.best_return,
    s.worst_return,
    s.total_return,
    s.annual_return,
    s.sharpe,
    s.sortino,
    s.calmar,
    s.max_drawdown,
    s.max_drawdown_from,
    s.max_drawdown_to,
    s.max_drawdown_days,
    s.complete
FROM pms.pnl_accounts a
CROSS JOIN LATERAL pms.return_statistics(
    ARRAY(SELECT p FROM pms.period_pnl(a.members, NULL, 'day') p)  -- noqa: CP03
) s;

COMMENT ON VIEW api.return_statistics IS $$The statistics of the daily returns of each account

A day counts if its return is defined, that is, if there is capital or cash and the equity before
it is above 0 (see api.pnl_by_day). A year has 365 days, and its risk-free return is 0: see
api.day_statistics for others, for the formulas and for periods. api.return_statistics_total has all
accounts together.$$;

COMMENT ON COLUMN api.return_statistics.account IS 'The account.';

COMMENT ON COLUMN api.return_statistics.days IS 'Count: days with a return.';

COMMENT ON COLUMN api.return_statistics.winning_days IS 'Count: days with a return above 0.';

COMMENT ON COLUMN api.return_statistics.losing_days IS 'Count: days with a return below 0.';

COMMENT ON COLUMN api.return_statistics.mean_return IS
'Ratio: the mean return; null without a day.';

COMMENT ON COLUMN api.return_statistics.standard_deviation IS
'Ratio: sample standard deviation (n - 1); null with fewer than two days.';

COMMENT ON COLUMN api.return_statistics.best_return IS 'Ratio: the return of the best day.';

COMMENT ON COLUMN api.return_statistics.worst_return IS 'Ratio: the return of the worst day.';

COMMENT ON COLUMN api.return_statistics.total_return IS 'Ratio: all returns, compounded.';

COMMENT ON COLUMN api.return_statistics.annual_return IS
'Ratio: total_return by the year; null from 10^20 on.';

COMMENT ON COLUMN api.return_statistics.sharpe IS
'Ratio: mean / standard deviation of the returns, by the year; null without deviation.';

COMMENT ON COLUMN api.return_statistics.sortino IS
'Ratio: mean return / downside deviation, by the year; null without a losing day.';

COMMENT ON COLUMN api.return_statistics.calmar IS
'Ratio: annual_return / max_drawdown; null without drawdown.';

COMMENT ON COLUMN api.return_statistics.max_drawdown IS
'Ratio: the largest loss from a peak, of the peak.';

COMMENT ON COLUMN api.return_statistics.max_drawdown_from IS
'The first day below that peak; null without drawdown.';

COMMENT ON COLUMN api.return_statistics.max_drawdown_to IS
'The last day before it was reached again, or the newest.';

COMMENT ON COLUMN api.return_statistics.max_drawdown_days IS
'Count: days from the first to the last, inclusive.';

COMMENT ON COLUMN api.return_statistics.complete IS 'False if a day is not complete.';

GRANT SELECT ON api.return_statistics TO pms_reader, pms_trader, pms_operator, pms_analyst;
