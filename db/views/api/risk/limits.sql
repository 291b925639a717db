CREATE OR REPLACE VIEW api.limits WITH (security_barrier = TRUE) AS
WITH held AS (
    SELECT
        array_agg((
            coalesce(c.account, '*'), coalesce(c.asset, '*'), c.long_size, c.short_size,
            c.exposure_usdt, c.net_exposure_usdt, c.net_pnl_usdt, c.open_positions_count,
            NULL
        )::pms.limit_basis) AS totals
    FROM (
        SELECT t.* FROM pms.portfolio_totals_now t
        UNION ALL
        SELECT b.* FROM pms.limited_book_totals() b
    ) c
),

kept AS (
    SELECT array_agg(k) AS limits
    FROM pms.limits k
    WHERE pms.in_scope(pms.base_account(k.account))
),

marked AS (
    SELECT array_agg(k) AS marks
    FROM pms.equity_marks k
),

day AS (
    SELECT pms.day_began(now(), s.time_zone) AS began
    FROM pms.settings s
)

SELECT
    u.id,
    u.scope,
    pms.base_account(u.account) AS account,
    u.asset,
    u.metric,
    u.warn_level,
    u.breach_level,
    u.value,
    u.utilisation,
    u.level,
    l.source,
    l.updated_at,
    trim_scale(l.clear_level) AS clear_level,
    pms.book_of_limit(l.id) AS book
FROM held h
CROSS JOIN kept k
CROSS JOIN marked m
CROSS JOIN day d
CROSS JOIN LATERAL pms.limit_usage(k.limits, h.totals, m.marks, d.began) u
INNER JOIN pms.limits l ON u.id = l.id;

COMMENT ON VIEW api.limits IS $$The limits and their current utilization

A value above a level exceeds it. Each limit has the value of its own scope; a key that is bound to
accounts sees the limits of those. Positions left out of the totals because they have no price or no
rate are in no value; see complete in api.portfolio.$$;

COMMENT ON COLUMN api.limits.id IS 'Composed of scope, account, book, asset and metric.';

COMMENT ON COLUMN api.limits.scope IS 'portfolio (all accounts together), account, book or asset.';

COMMENT ON COLUMN api.limits.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.limits.asset IS 'Null: all assets.';

COMMENT ON COLUMN api.limits.metric IS
$$gross_exposure, net_exposure, position_size, exposure_share, drawdown, daily_loss, open_positions
or order_size.

order_size is of a fill that is checked: here it is 0.$$;

COMMENT ON COLUMN api.limits.warn_level IS
'A value above it warns; null: none does. USDT; a quantity for position_size, a ratio for a share.';

COMMENT ON COLUMN api.limits.breach_level IS
'A value above it is a breach. USDT; a quantity for position_size, a ratio for a share.';

COMMENT ON COLUMN api.limits.value IS
'The current value. USDT; a quantity for position_size, a ratio for a share.';

COMMENT ON COLUMN api.limits.utilisation IS 'Ratio: value / breach_level.';

COMMENT ON COLUMN api.limits.level IS
'ok, warn or breach by the present value; a breach may last below it, down to clear_level.';

COMMENT ON COLUMN api.limits.source IS 'operator, or settings (from the environment).';

COMMENT ON COLUMN api.limits.updated_at IS 'When the limit was last set.';

COMMENT ON COLUMN api.limits.clear_level IS
$$A breach ends at it or below; null: at breach_level. USDT; a quantity for position_size, a
ratio for a share.$$;

COMMENT ON COLUMN api.limits.book IS 'Null: the account as a whole.';

GRANT SELECT ON api.limits TO pms_reader, pms_trader, pms_operator, pms_analyst;
