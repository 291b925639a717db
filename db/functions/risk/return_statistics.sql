CREATE OR REPLACE FUNCTION pms.annual_return(growth numeric, days bigint, days_per_year integer)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
STRICT
AS $$
DECLARE
    v_logarithm numeric;
BEGIN
    IF growth = 0 THEN
        RETURN -1;
    END IF;

    v_logarithm := pms.div_round(ln(growth) * days_per_year, days, 30);
    -- One good day would become a number of thousands of digits.
    RETURN CASE WHEN v_logarithm < ln(1e20) THEN exp(v_logarithm) - 1 END;
END
$$;

COMMENT ON FUNCTION pms.annual_return IS
$$growth ^ (days_per_year / days) - 1, to 30 decimal places; null from 10^20 on

growth: what 1 became in those days.$$;

CREATE OR REPLACE FUNCTION pms.return_in(
    currency text,
    starts_at timestamptz,
    ends_at timestamptz,
    day_return numeric
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF currency = 'USDT' THEN
        RETURN day_return;
    END IF;

    RETURN pms.div_round(
        (1 + day_return) * pms.rate_at(currency, starts_at, 'infinity'),
        pms.rate_at(currency, pms.closing_moment(ends_at), 'infinity'),
        30
    ) - 1;
END
$$;

COMMENT ON FUNCTION pms.return_in IS
$$The return of a day with the equity in a currency, at the rates of its beginning and its end

To 30 decimal places; null where the currency had no rate.$$;

-- SECURITY DEFINER: a view calls its functions with the rights of its readers, and readers
-- do not see this schema.
CREATE OR REPLACE FUNCTION pms.return_statistics(
    days pms.pnl_period[],
    unit text DEFAULT NULL,
    days_per_year integer DEFAULT 365,
    risk_free numeric DEFAULT 0,
    currency text DEFAULT 'USDT'
)
RETURNS SETOF pms.return_statistics
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
-- Compiling the plan takes longer than most answers (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_free CONSTANT numeric := pms.div_round(risk_free, days_per_year, 30);
    v_root CONSTANT numeric := sqrt(round(days_per_year::numeric, 30));
BEGIN
    RETURN QUERY
    WITH growth AS (
        SELECT
            d.*,
            pms.compounded(d.day_return) OVER place AS growth,
            least(d.day_return - v_free, 0) AS shortfall
        FROM (
            SELECT
                p.period_start, p.complete,
                date_trunc(unit, p.period_start::timestamp)::date AS part,
                -- To more places than published, where it is the plain quotient.
                pms.return_in(currency, p.starts_at, p.ends_at, CASE
                    WHEN p.return_ratio = round(q.quotient, 12) THEN q.quotient
                    ELSE p.return_ratio
                END) AS day_return
            FROM unnest(return_statistics.days) p
            CROSS JOIN LATERAL (
                SELECT pms.div_round(p.net_pnl_usdt, nullif(p.opening_equity_usdt, 0), 30)
            ) q (quotient)
        ) d
        WINDOW place AS (PARTITION BY d.part ORDER BY d.period_start)
    ),

    peak AS (
        SELECT g.*, greatest(1, max(g.growth) OVER place) AS peak
        FROM growth g
        WINDOW place AS (PARTITION BY g.part ORDER BY g.period_start)
    ),

    drawdown AS (
        SELECT
            p.*,
            pms.div_round(p.peak - p.growth, p.peak, 30) AS drawdown,
            -- Days below one peak have one number.
            count(*) FILTER (WHERE p.growth = p.peak) OVER place AS peaks
        FROM peak p
        WINDOW place AS (PARTITION BY p.part ORDER BY p.period_start)
    ),

    deepest AS (
        SELECT DISTINCT ON (d.part)
            d.part, d.drawdown,
            min(d.period_start) FILTER (WHERE d.drawdown > 0) OVER spell AS began_on,
            max(d.period_start) FILTER (WHERE d.drawdown > 0) OVER spell AS ended_on
        FROM drawdown d
        WINDOW spell AS (PARTITION BY d.part, d.peaks)
        ORDER BY d.part, d.drawdown DESC, d.period_start
    ),

    summed AS (
        SELECT
            g.part,
            nullif(count(g.day_return), 0) AS days,
            count(*) FILTER (WHERE g.day_return > 0) AS winning_days,
            count(*) FILTER (WHERE g.day_return < 0) AS losing_days,
            sum(g.day_return) AS total, sum(g.day_return * g.day_return) AS squares,
            sum(g.shortfall * g.shortfall) AS shortfalls,
            max(g.day_return) AS best, min(g.day_return) AS worst,
            (array_agg(g.growth ORDER BY g.period_start DESC))[1] AS growth,
            bool_and(g.complete) AS complete
        FROM growth g
        GROUP BY g.part
    ),

    rated AS (
        SELECT
            s.*,
            pms.div_round(s.total, s.days, 30) - v_free AS excess,
            -- n * sum of squares - square of the sum: exact and never negative.
            CASE
                WHEN s.days > 1
                    THEN sqrt(pms.div_round(
                            s.days * s.squares - s.total * s.total, s.days * (s.days - 1), 60
                        ))
            END AS deviation,
            CASE WHEN s.days > 1 THEN sqrt(pms.div_round(s.shortfalls, s.days, 60)) END AS downside,
            CASE WHEN s.days > 0 THEN s.growth - 1 END AS gain,
            pms.annual_return(s.growth, s.days, days_per_year) AS annual
        FROM summed s
    )

    SELECT
        r.part::text, coalesce(r.days, 0), r.winning_days, r.losing_days,
        trim_scale(pms.div_round(r.total, r.days, 12)), trim_scale(round(r.deviation, 12)),
        trim_scale(round(r.best, 12)), trim_scale(round(r.worst, 12)),
        trim_scale(round(r.gain, 12)), trim_scale(round(r.annual, 12)),
        trim_scale(pms.div_round(r.excess * v_root, nullif(r.deviation, 0), 12)),
        trim_scale(pms.div_round(r.excess * v_root, nullif(r.downside, 0), 12)),
        trim_scale(pms.div_round(r.annual, nullif(d.drawdown, 0), 12)),
        trim_scale(round(d.drawdown, 12)),
        d.began_on, d.ended_on, d.ended_on - d.began_on + 1, r.complete
    FROM rated r
    LEFT JOIN deepest d ON r.part IS NOT DISTINCT FROM d.part AND r.days > 0
    ORDER BY r.part;
END
$$;

COMMENT ON FUNCTION pms.return_statistics IS
$$The statistics of daily returns

days: as pms.period_pnl has them. unit: for each week, month or year apart, part is its first day;
null: of all days. currency: that of the equity, see pms.return_in. The formulas and their sources
are those of api.day_statistics.$$;

-- The views call it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.return_statistics
TO pms_reader, pms_trader, pms_operator, pms_analyst;
