CREATE OR REPLACE VIEW api.return_statistics_total WITH (security_barrier = TRUE) AS
WITH summed AS (
    SELECT
        count(p.return_ratio) AS days,  -- noqa: RF04
        count(*) FILTER (WHERE p.return_ratio > 0) AS winning_days,
        count(*) FILTER (WHERE p.return_ratio < 0) AS losing_days,
        sum(p.return_ratio) AS sum_of_all,
        -- n * sum of squares - square of the sum: exact and never negative.
        count(p.return_ratio) * sum(p.return_ratio * p.return_ratio)
        - sum(p.return_ratio) * sum(p.return_ratio) AS spread,
        max(p.return_ratio) AS best,
        min(p.return_ratio) AS worst
    FROM pms.period_pnl(NULL, NULL, 'day') p
)

SELECT
    s.days,
    s.winning_days,
    s.losing_days,
    CASE
        WHEN s.days > 0 THEN trim_scale(pms.div_round(s.sum_of_all, s.days, 12))
    END AS mean_return,
    CASE
        WHEN s.days > 1
            THEN
                trim_scale(round(
                    sqrt(pms.div_round(
                        s.spread, s.days * (s.days - 1), 30
                    )),
                    12
                ))
    END AS standard_deviation,
    s.best AS best_return,
    s.worst AS worst_return
FROM summed s
WHERE pms.in_scope('*');

COMMENT ON VIEW api.return_statistics_total IS
$$The distribution of the daily returns over all accounts

A day counts if its return is defined, that is, if the equity before it is above 0 (see
api.pnl_by_day_total). No row for a key that is bound to accounts.$$;

COMMENT ON COLUMN api.return_statistics_total.days IS 'Count: days with a return.';

COMMENT ON COLUMN api.return_statistics_total.winning_days IS 'Count: days with a return above 0.';

COMMENT ON COLUMN api.return_statistics_total.losing_days IS 'Count: days with a return below 0.';

COMMENT ON COLUMN api.return_statistics_total.mean_return IS
'Ratio: the mean return; null without a day.';

COMMENT ON COLUMN api.return_statistics_total.standard_deviation IS
'Ratio: sample standard deviation (n - 1); null with fewer than two days.';

COMMENT ON COLUMN api.return_statistics_total.best_return IS 'Ratio: the return of the best day.';

COMMENT ON COLUMN api.return_statistics_total.worst_return IS 'Ratio: the return of the worst day.';

GRANT SELECT ON api.return_statistics_total TO pms_reader, pms_trader, pms_operator, pms_analyst;
