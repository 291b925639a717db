-- A body that is parsed now serves whoever reads a view, without USAGE on pms.
CREATE OR REPLACE FUNCTION pms.limit_usage(
    limits pms.limits[],
    held pms.limit_basis[],
    marks pms.equity_marks[],
    at timestamptz
)
RETURNS TABLE (
    id text,
    scope text,
    account text,
    asset text,
    metric text,
    warn_level numeric,
    breach_level numeric,
    value numeric,
    utilisation numeric,
    level text
)
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    WITH total AS (
        SELECT
            t.*,
            max(t.exposure) FILTER (WHERE t.asset = '*') OVER account AS whole,
            max(t.exposure) FILTER (WHERE t.asset <> '*') OVER account AS largest
        FROM unnest(held) t
        WINDOW account AS (PARTITION BY t.account)
    ),

    measured AS (
        SELECT
            l.*,
            coalesce(
                CASE l.metric
                    WHEN 'gross_exposure' THEN c.exposure
                    WHEN 'net_exposure' THEN abs(c.net_exposure)
                    WHEN 'position_size' THEN greatest(c.long_size, c.short_size)
                    -- Without an asset it is that of the largest one.
                    WHEN 'exposure_share'
                        THEN
                            CASE
                                WHEN c.whole > 0
                                    THEN pms.div_round(
                                            CASE l.asset
                                                WHEN '*' THEN c.largest ELSE c.exposure
                                            END,
                                            c.whole,
                                            12
                                        )
                            END
                    -- An account begins with a net PnL of 0; now may be the peak.
                    WHEN 'drawdown'
                        THEN greatest(m.peak_net_pnl, c.net_pnl, 0) - coalesce(c.net_pnl, 0)
                    WHEN 'daily_loss'
                        THEN greatest(
                                CASE
                                    WHEN m.recorded_at < date_trunc('day', at, 'UTC')  -- noqa: RF03
                                        THEN m.net_pnl
                                    ELSE coalesce(m.day_net_pnl, 0)
                                END - coalesce(c.net_pnl, 0),
                                0
                            )
                END,
                0
            ) AS value
        FROM unnest(limits) l  -- noqa: RF03
        LEFT JOIN total c ON l.account = c.account AND l.asset = c.asset
        LEFT JOIN unnest(marks) m ON l.account = m.account  -- noqa: RF03
    )

    SELECT
        u.id,
        u.scope,
        nullif(u.account, '*') AS account,
        nullif(u.asset, '*') AS asset,
        u.metric,
        trim_scale(u.warn_level) AS warn_level,
        trim_scale(u.breach_level) AS breach_level,
        trim_scale(u.value) AS value,
        trim_scale(pms.div_round(u.value, u.breach_level, 12)) AS utilisation,
        CASE
            WHEN u.value > u.breach_level THEN 'breach'
            WHEN u.value > u.warn_level THEN 'warn'
            ELSE 'ok'
        END AS level  -- noqa: RF04
    FROM measured u;
END;

COMMENT ON FUNCTION pms.limit_usage IS $$How far each limit is used: value, utilisation, level

Pure: held are the totals, marks what the history says; at is the moment that today is of. Values:
gross_exposure and net_exposure (not signed) in USDT; position_size: the larger side of an asset, a
quantity; exposure_share: of an asset in its account, of the largest one without an asset, a ratio;
drawdown: from the highest net PnL, in USDT; daily_loss: since the last minute before today (UTC),
in USDT. Capital that was added or taken out is neither gain nor loss. level: ok, warn or breach.$$;

GRANT EXECUTE ON FUNCTION pms.limit_usage TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.limits_json(
    limits pms.limits[],
    held pms.limit_basis[],
    marks pms.equity_marks[],
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'id', u.id,
                    'scope', u.scope,
                    'account', u.account,
                    'asset', u.asset,
                    'metric', u.metric,
                    'limit', pms.decimal_text(u.breach_level),
                    'warn', pms.decimal_text(u.warn_level),
                    'value', pms.decimal_text(u.value),
                    'utilisation', pms.decimal_text(u.utilisation),
                    'level', u.level
                )
                ORDER BY u.scope DESC, u.id
            ),
            '[]'
        )
        FROM pms.limit_usage(
            limits_json.limits, limits_json.held, limits_json.marks, limits_json.at
        ) u
    );
END
$$;

COMMENT ON FUNCTION pms.limits_json IS $$How far each limit is used, as the contract writes it

Arguments as of pms.limit_usage. limit is the level of a breach, warn (or null) that before it.$$;
