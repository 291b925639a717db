CREATE OR REPLACE VIEW api.return_statistics_total WITH (security_barrier = TRUE) AS
SELECT
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
FROM pms.return_statistics(
    ARRAY(SELECT p FROM pms.period_pnl(NULL, NULL, 'day') p)  -- noqa: CP03, LT02
) s  -- noqa: LT02
WHERE pms.in_scope('*');

COMMENT ON VIEW api.return_statistics_total IS
$$The statistics of the daily returns over all accounts

A day counts if its return is defined, that is, if there is capital or cash and the equity before
it is above 0 (see api.pnl_by_day_total). As api.return_statistics. No row for a key that is bound
to accounts.$$;

COMMENT ON COLUMN api.return_statistics_total.days IS 'Count: days with a return.';

COMMENT ON COLUMN api.return_statistics_total.winning_days IS 'Count: days with a return above 0.';

COMMENT ON COLUMN api.return_statistics_total.losing_days IS 'Count: days with a return below 0.';

COMMENT ON COLUMN api.return_statistics_total.mean_return IS
'Ratio: the mean return; null without a day.';

COMMENT ON COLUMN api.return_statistics_total.standard_deviation IS
'Ratio: sample standard deviation (n - 1); null with fewer than two days.';

COMMENT ON COLUMN api.return_statistics_total.best_return IS 'Ratio: the return of the best day.';

COMMENT ON COLUMN api.return_statistics_total.worst_return IS 'Ratio: the return of the worst day.';

COMMENT ON COLUMN api.return_statistics_total.total_return IS 'Ratio: all returns, compounded.';

COMMENT ON COLUMN api.return_statistics_total.annual_return IS
'Ratio: total_return by the year; null from 10^20 on.';

COMMENT ON COLUMN api.return_statistics_total.sharpe IS
'Ratio: mean / standard deviation of the returns, by the year; null without deviation.';

COMMENT ON COLUMN api.return_statistics_total.sortino IS
'Ratio: mean return / downside deviation, by the year; null without a losing day.';

COMMENT ON COLUMN api.return_statistics_total.calmar IS
'Ratio: annual_return / max_drawdown; null without drawdown.';

COMMENT ON COLUMN api.return_statistics_total.max_drawdown IS
'Ratio: the largest loss from a peak, of the peak.';

COMMENT ON COLUMN api.return_statistics_total.max_drawdown_from IS
'The first day below that peak; null without drawdown.';

COMMENT ON COLUMN api.return_statistics_total.max_drawdown_to IS
'The last day before it was reached again, or the newest.';

COMMENT ON COLUMN api.return_statistics_total.max_drawdown_days IS
'Count: days from the first to the last, inclusive.';

COMMENT ON COLUMN api.return_statistics_total.complete IS 'False if a day is not complete.';

GRANT SELECT ON api.return_statistics_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
