CREATE OR REPLACE FUNCTION pms.day_statistics_in(
    currencies text[],
    part text,
    account text,
    asset text,
    from_time timestamptz,
    to_time timestamptz,
    time_zone text,
    days_per_year integer,
    risk_free numeric
)
RETURNS TABLE (currency text, found pms.return_statistics)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_accounts text[] := pms.accounts_of(account);
    v_asset text := (SELECT n.asset FROM pms.asset_of(day_statistics_in.asset) n);
    v_days pms.position_period[];
    v_bases pms.period_base[];
BEGIN
    IF part = 'book' THEN
        v_accounts := pms.accounts_of_books(account);
    ELSIF part = 'account' THEN
        v_accounts := ARRAY(
            SELECT a.account
            FROM pms.pnl_accounts a
            WHERE v_accounts IS NULL
                OR a.account = ANY(v_accounts)
        );
    END IF;

    -- All parts are read at once: reading each apart takes far longer.
    v_days := ARRAY(
        SELECT n
        FROM pms.position_pnl(
            v_accounts, v_asset, 'day', time_zone, from_time, to_time,
            part => CASE
                WHEN day_statistics_in.part = 'asset' THEN 'asset'
                WHEN day_statistics_in.part IN ('account', 'book') THEN 'account'
                ELSE 'currency'
            END
        ) n
    );

    IF pms.is_book(v_accounts[1]) THEN
        -- The equity is that of the account: a book has none, and no returns.
        v_bases := ARRAY(
            SELECT DISTINCT (n.starts_at, n.ends_at, NULL, NULL, NULL, NULL)::pms.period_base
            FROM unnest(
                v_days || pms.empty_periods(v_accounts, 'day', time_zone, from_time, to_time)
            ) n
        );
    ELSIF part = 'asset' THEN
        v_bases := pms.period_bases(v_accounts, v_days);
    END IF;

    RETURN QUERY
    SELECT
        c.currency,
        (
            coalesce(k.name, s.part),
            s.days, s.winning_days, s.losing_days, s.mean_return, s.standard_deviation,
            s.best_return, s.worst_return, s.total_return, s.annual_return, s.sharpe, s.sortino,
            s.calmar, s.max_drawdown, s.max_drawdown_from, s.max_drawdown_to, s.max_drawdown_days,
            s.complete
        )::pms.return_statistics
    FROM (
        SELECT
            coalesce(pms.book_of(a.account), a.account) AS name, ARRAY[a.account] AS accounts,
            v_asset AS asset,
            array_agg(n) FILTER (WHERE n.account IS NOT NULL)
            || pms.empty_periods(ARRAY[a.account], 'day', time_zone, from_time, to_time) AS days
        FROM unnest(v_accounts) a (account)
        LEFT JOIN unnest(v_days) n ON a.account = n.account
        WHERE day_statistics_in.part IN ('account', 'book')
        GROUP BY a.account
        UNION ALL
        SELECT n.asset, v_accounts, n.asset, array_agg(n)
        FROM unnest(v_days) n
        WHERE day_statistics_in.part = 'asset'
        GROUP BY n.asset
        UNION ALL
        SELECT
            NULL, v_accounts, v_asset,
            v_days || pms.empty_periods(v_accounts, 'day', time_zone, from_time, to_time)
        WHERE (day_statistics_in.part IN ('asset', 'account', 'book')) IS NOT TRUE
    ) k
    CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT p
            FROM pms.sum_periods(
                coalesce(v_bases, pms.period_bases(k.accounts, k.days)),
                pms.valued_movements(k.accounts, k.asset),
                k.days
            ) p
        ) AS periods
        -- Summed once, not for each currency (ADR 0002).
        OFFSET 0
    ) d
    CROSS JOIN unnest(currencies) c (currency)
    CROSS JOIN LATERAL pms.return_statistics(
        d.periods,
        CASE
            WHEN day_statistics_in.part IN ('week', 'month', 'year') THEN day_statistics_in.part
        END,
        days_per_year, risk_free, c.currency
    ) s
    ORDER BY k.name, s.part;
END
$$;

COMMENT ON FUNCTION pms.day_statistics_in IS
$$The rows of api.day_statistics in each of some currencies

part: as pms.require_part returns it; time_zone: as pms.resolve_time_zone.$$;

CREATE OR REPLACE FUNCTION api.day_statistics(
    part text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL,
    time_zone text DEFAULT NULL,
    days_per_year integer DEFAULT 365,
    risk_free numeric DEFAULT 0,
    currency text DEFAULT 'USDT'
)
RETURNS SETOF pms.return_statistics
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF (days_per_year BETWEEN 1 AND 366 AND abs(risk_free) < 1e20) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such year can be',
            DETAIL = format('%s days with a risk-free return of %s', days_per_year, risk_free),
            HINT = 'A year has 1 to 366 days, and a return as a ratio, such as 0.04.';
    END IF;

    RETURN QUERY
    SELECT (s.found).*
    FROM pms.day_statistics_in(
            ARRAY[currency], pms.require_part(part), account, asset, from_time, to_time,
            pms.resolve_time_zone(time_zone), days_per_year, risk_free
        ) s;
END
$$;

COMMENT ON FUNCTION api.day_statistics IS
$$Show drawdown and Sharpe, Sortino and Calmar ratio of the daily returns

A row for each part: asset, account, book, week (from Monday), month or year; without part, of all
days. The books are those of account, or of main; the equity is that of the account, so a book has
no day with a return. currency: the equity in it, at the rates of each midnight.
Of the days that overlap from_time and to_time, in time_zone; without it, in that of
POSITION_MANAGER_TIME_ZONE. A day counts if its return is defined, that is, if there is
capital or cash and the equity before it is above 0 (see api.pnl_by_day); of an asset, the equity is
the capital or cash of the accounts and what that asset earned.

The return r of a day is its net PnL / the equity before it; n of them, days_per_year (365: the
market never closes) in a year, whose risk-free return is risk_free (0), spread evenly:
f = risk_free / days_per_year. Ratios have at most 12 fractional digits.

- mean_return, standard_deviation: of a sample (n - 1); best_return, worst_return: of a day
- total_return = (1 + r1) (1 + r2) ... - 1: changes of capital make no difference; a day that loses
  more than everything leaves nothing
- annual_return = (1 + total_return) ^ (days_per_year / n) - 1; null from 10^20 on. Bacon, Practical
  Portfolio Performance Measurement and Attribution, 2008
- sharpe = (mean_return - f) / standard_deviation * sqrt(days_per_year); null without deviation.
  Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21 (1), 1994. The root is that of
  independent days: Lo, The Statistics of Sharpe Ratios, Financial Analysts Journal 58 (4), 2002
- sortino: the same over sqrt(sum of min(r - f, 0) ^ 2 / n); null when no day was below f. Sortino
  and Price, Performance Measurement in a Downside Risk Framework, Journal of Investing 3 (3), 1994
- max_drawdown: the largest loss from the highest (1 + r1) ... (1 + rk) so far, or from 1, at the end
  of a day, as a part of it. Magdon-Ismail and Atiya, Maximum Drawdown, Risk 17 (10), 2004
- max_drawdown_from, _to, _days: the days from the first below that peak to the last before it was
  reached again, both included; null without drawdown
- calmar = annual_return / max_drawdown, of all the days; null without drawdown. Young, Calmar
  Ratio: A Smoother Tool, Futures 20 (1), 1991
- complete: false if a day is not, see api.pnl_by_day

sharpe, sortino and standard_deviation need two days. No rows: no day then.

Refuses with:
- 400 `unknown part`, `unknown time zone`, `no such year can be`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.day_statistics TO pms_reader, pms_trader, pms_operator, pms_analyst;
