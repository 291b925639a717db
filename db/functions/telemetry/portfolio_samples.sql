CREATE OR REPLACE FUNCTION pms.account_samples()
RETURNS SETOF pms.metric_sample
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    c_accounts CONSTANT integer := 50;
BEGIN
    RETURN QUERY
    WITH held AS (
        SELECT
            t.account,
            sum(
                t.exposure
                * CASE WHEN t.currency = 'USDT' THEN 1 ELSE pms.usdt_rate(t.currency) END
            ) AS exposure
        FROM pms.account_totals t
        GROUP BY t.account
    ),

    ranked AS (
        SELECT
            m.*,
            row_number() OVER (
                -- All accounts together are none of them.
                PARTITION BY m.account = '*'
                ORDER BY coalesce(h.exposure, 0) DESC, m.account
            ) AS place
        FROM pms.equity_marks m
        LEFT JOIN held h ON m.account = h.account
        WHERE pms.in_scope(m.account)
    )

    SELECT
        s.prefix || f.name, 'gauge', f.help || s.of_what, '', s.labels,
        trim_scale(f.value)::text
    FROM ranked m
    CROSS JOIN pms.settings z
    CROSS JOIN LATERAL (
        SELECT k.*
        FROM pms.portfolio_history k
        WHERE k.account = m.account
            -- Spares the partitions before it.
            AND k.recorded_at >= m.recorded_at
        ORDER BY k.recorded_at DESC
        LIMIT 1
    ) h
    CROSS JOIN LATERAL (
        SELECT
            CASE m.account WHEN '*' THEN 'portfolio_' ELSE 'account_' END AS prefix,
            CASE m.account
                WHEN '*' THEN ', all accounts together.'
                ELSE format(', of the %s accounts with the largest exposure.', c_accounts)
            END AS of_what,
            CASE m.account WHEN '*' THEN '' ELSE format('{account="%s"}', m.account) END AS labels
    ) s
    CROSS JOIN LATERAL (
        VALUES
        ('equity_usdt', 'Capital + net PnL', h.capital + h.net_pnl),
        ('net_pnl_usdt', 'Net PnL since the first fill', h.net_pnl),
        (
            'net_pnl_today_usdt', 'Net PnL since the day began',
            h.net_pnl - CASE
                WHEN m.recorded_at < pms.day_began(clock_timestamp(), z.time_zone) THEN m.net_pnl
                ELSE m.day_net_pnl
            END
        ),
        ('unrealized_pnl_usdt', 'Unrealized PnL', h.unrealized_pnl),
        ('gross_exposure_usdt', 'Market values without their sign', h.exposure),
        ('net_exposure_usdt', 'Market values with their sign', h.net_exposure),
        ('drawdown_usdt', 'Net PnL below its peak', h.peak_net_pnl - h.net_pnl)
    ) f (name, help, value)
    WHERE m.place <= c_accounts;
END
$$;

COMMENT ON FUNCTION pms.account_samples IS $$Lines of Prometheus for what accounts are worth

As recorded in the history: at most a minute old. Of all accounts together and of the 50 in scope
with the largest exposure.$$;

CREATE OR REPLACE FUNCTION pms.limit_samples()
RETURNS SETOF pms.metric_sample
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    c_limits CONSTANT integer := 100;
BEGIN
    RETURN QUERY
    WITH judged AS (
        SELECT
            l.id,
            r.utilisation,
            CASE WHEN b.limit_id IS NULL THEN coalesce(nullif(r.level, 'breach'), 'ok') ELSE 'breach' END
                AS level  -- noqa: RF04
        FROM pms.limits l
        LEFT JOIN pms.recorded_limits r ON l.id = r.limit_id
        LEFT JOIN pms.limit_breaches b ON l.id = b.limit_id AND b.ended_at IS NULL
        WHERE pms.in_scope(pms.base_account(l.account))
    ),

    shown AS (
        SELECT j.*
        FROM judged j
        ORDER BY j.level = 'breach' DESC, j.utilisation DESC NULLS LAST, j.id
        LIMIT c_limits
    )

    SELECT
        f.name, 'gauge', format('%s, of the %s limits used most.', f.help, c_limits), '',
        format('{limit="%s"}', s.id), f.value
    FROM shown s
    CROSS JOIN LATERAL (
        VALUES
        (
            'limit_utilization_ratio', 'Value / breach level, as recorded each minute',
            s.utilisation::text
        ),
        ('limit_breached', 'Whether the limit is breached', (s.level = 'breach')::integer::text)
    ) f (name, help, value)
    UNION ALL
    SELECT
        'limits', 'gauge', 'Limits, by their level.', '', format('{level="%s"}', k.level),
        (SELECT count(*) FROM judged j WHERE j.level = k.level)::text
    FROM unnest('{ok,warn,breach}'::text[]) k (level);
END
$$;

COMMENT ON FUNCTION pms.limit_samples IS $$Lines of Prometheus for the limits

A breach counts from the moment when it is recorded until it ends; the utilization is at most a minute
old. Of the 100 limits in scope that are breached or used most, and how many there are by level.$$;

CREATE OR REPLACE FUNCTION pms.portfolio_samples()
RETURNS SETOF pms.metric_sample
LANGUAGE sql
STABLE
AS $$
SELECT a.* FROM pms.account_samples() a
UNION ALL
SELECT l.* FROM pms.limit_samples() l
UNION ALL
SELECT
    'portfolio_recorded_timestamp_seconds', 'gauge', 'When the figures of accounts were recorded.',
    '', '', extract(EPOCH FROM e.recorded_at)::text
FROM pms.portfolio_history_extent e
WHERE isfinite(e.recorded_at)
$$;

COMMENT ON FUNCTION pms.portfolio_samples IS
$$Lines of Prometheus for accounts and limits in the scope of the caller

Reads recorded figures, and values nothing.$$;
