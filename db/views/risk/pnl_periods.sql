CREATE OR REPLACE VIEW pms.pnl_periods AS
SELECT
    u.unit,
    nullif(m.account, '*') AS account,
    b.starts_at::date AS period_start,
    trim_scale(l.net_pnl - o.net_pnl) AS net_pnl_usdt,
    trim_scale(l.realized - o.realized) AS realized_usdt,
    trim_scale(l.unrealized_pnl - o.unrealized_pnl) AS unrealized_pnl_usdt,
    trim_scale(l.fees_paid - o.fees_paid) AS fees_paid_usdt,
    trim_scale(l.funding - o.funding) AS funding_usdt,
    trim_scale(o.equity) AS opening_equity_usdt,
    trim_scale(l.capital + l.net_pnl) AS closing_equity_usdt,
    CASE
        WHEN o.equity > 0
            THEN trim_scale(pms.div_round(l.net_pnl - o.net_pnl, o.equity, 12))
    END AS return_ratio,
    l.complete AND o.complete AS complete
FROM (
    VALUES
    ('day', interval '1 day'),
    ('week', interval '7 days'),
    ('month', interval '1 month')
) u (unit, length)
CROSS JOIN pms.equity_marks m
CROSS JOIN pms.portfolio_history_extent e
INNER JOIN LATERAL (
    SELECT h.*
    FROM pms.portfolio_history h
    WHERE h.account = m.account
    ORDER BY h.recorded_at
    LIMIT 1
) f ON TRUE
-- Periods are in UTC, regardless of the time zone of the session.
INNER JOIN LATERAL generate_series(
    date_trunc(u.unit, f.recorded_at AT TIME ZONE 'UTC'), e.recorded_at AT TIME ZONE 'UTC',
    u.length
) b (starts_at) ON TRUE
-- Index lookups avoid a scan of the history. A period without a row ends as it began.
INNER JOIN LATERAL (
    SELECT h.*
    FROM pms.portfolio_history h
    WHERE h.account = m.account
        AND h.recorded_at < (b.starts_at + u.length) AT TIME ZONE 'UTC'
    ORDER BY h.recorded_at DESC
    LIMIT 1
) l ON TRUE
LEFT JOIN LATERAL (
    SELECT h.*
    FROM pms.portfolio_history h
    WHERE h.account = m.account
        AND h.recorded_at < b.starts_at AT TIME ZONE 'UTC'
    ORDER BY h.recorded_at DESC
    LIMIT 1
) p ON TRUE
-- An account starts with nothing but its capital; the state before the oldest retained row is
-- unknown.
INNER JOIN LATERAL (
    SELECT
        coalesce(p.net_pnl, z.zero) AS net_pnl,
        coalesce(p.realized, z.zero) AS realized,
        coalesce(p.unrealized_pnl, z.zero) AS unrealized_pnl,
        coalesce(p.fees_paid, z.zero) AS fees_paid,
        coalesce(p.funding, z.zero) AS funding,
        coalesce(p.capital + p.net_pnl, f.capital + z.zero) AS equity,
        coalesce(p.complete, TRUE) AS complete
    FROM (SELECT CASE WHEN f.recorded_at = m.began_at THEN 0::numeric END AS zero) z
) o ON TRUE
WHERE pms.in_scope(m.account);

COMMENT ON VIEW pms.pnl_periods IS $$Profit and loss of each account by day, week and month, in UTC

The difference between the totals at its end and at its start: those of the newest row of the history
before each. Every period has a row, from the first row of the account to the last minute recorded;
one in which nothing changed has a net PnL of 0.$$;
