CREATE OR REPLACE FUNCTION pms.equity_marks_at(account text, at timestamptz)
RETURNS pms.equity_marks[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN ARRAY(
        SELECT (
            m.account,
            m.began_at,
            coalesce(h.recorded_at, m.recorded_at),
            coalesce(h.net_pnl, m.net_pnl),
            coalesce(h.peak_net_pnl, m.peak_net_pnl),
            -- The time of an earlier peak is not stored, and no limit depends on it.
            NULL,
            coalesce(h.day_net_pnl, m.day_net_pnl)
        )::pms.equity_marks
        FROM pms.equity_marks m
        CROSS JOIN pms.settings s
        LEFT JOIN LATERAL (
            SELECT
                n.recorded_at,
                n.net_pnl,
                n.peak_net_pnl,
                coalesce(d.net_pnl, 0) AS day_net_pnl
            FROM (
                SELECT k.*
                FROM pms.portfolio_history k
                WHERE k.account = m.account
                    AND k.recorded_at <= equity_marks_at.at
                ORDER BY k.recorded_at DESC
                LIMIT 1
            ) n
            LEFT JOIN LATERAL (
                SELECT k.net_pnl
                FROM pms.portfolio_history k
                WHERE k.account = m.account
                    AND k.recorded_at < pms.day_began(n.recorded_at, s.time_zone)
                ORDER BY k.recorded_at DESC
                LIMIT 1
            ) d ON TRUE
        ) h ON equity_marks_at.at < m.recorded_at
        WHERE (equity_marks_at.account IS NULL OR m.account IN ('*', equity_marks_at.account))
            -- Before its first row there was nothing.
            AND (equity_marks_at.at IS NULL OR m.began_at <= equity_marks_at.at)
    );
END
$$;

COMMENT ON FUNCTION pms.equity_marks_at IS
$$What the history says of drawdown and of a day, at a moment

Of an account and of all together; account: null is all that there are. at: null is now; else from the newest row of the history at or
before it, for as long as it is kept. Without peak_at.$$;
