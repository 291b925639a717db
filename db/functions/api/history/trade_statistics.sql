CREATE OR REPLACE FUNCTION api.trade_statistics(
    part text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL
)
RETURNS SETOF pms.trade_statistics
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_part text := lower(trade_statistics.part);
    v_accounts text[] := pms.accounts_of(account);
    v_asset text := (SELECT n.asset FROM pms.asset_of(trade_statistics.asset) n);
BEGIN
    IF v_part NOT IN ('asset', 'account', 'week') THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown part',
            DETAIL = format('part is %L', trade_statistics.part),
            HINT = 'A part is asset, account or week.';
    END IF;

    RETURN QUERY
    SELECT
        t.part,
        t.settlement_currency,
        count(*),
        count(*) FILTER (WHERE t.net_pnl > 0),
        count(*) FILTER (WHERE t.net_pnl < 0),
        trim_scale(pms.div_round(count(*) FILTER (WHERE t.net_pnl > 0), count(*), 12)),
        trim_scale(pms.div_round(
            coalesce(sum(t.net_pnl) FILTER (WHERE t.net_pnl > 0), 0),
            -sum(t.net_pnl) FILTER (WHERE t.net_pnl < 0),
            12
        )),
        trim_scale(sum(t.net_pnl)),
        trim_scale(pms.div_round(sum(t.net_pnl), count(*), 12)),
        max(t.net_pnl),
        min(t.net_pnl),
        round(avg(t.duration_minutes))::bigint
    FROM (
        SELECT
            c.*,
            CASE v_part
                WHEN 'asset' THEN p.asset
                WHEN 'account' THEN p.account
                WHEN 'week'
                    THEN to_char(date_trunc('week', c.closed_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD')
            END AS part
        FROM pms.positions p
        CROSS JOIN LATERAL pms.round_trips(
            p.account, p.asset, p.mode, p.leg,
            coalesce(from_time, '-infinity'), coalesce(to_time, 'infinity'),
            has_extremes => FALSE
        ) c
        WHERE p.version > 0
            AND (v_accounts IS NULL OR p.account = ANY(v_accounts))
            AND (v_asset IS NULL OR p.asset = v_asset)
            -- Only what a leg did since then can have closed a cycle.
            AND (from_time IS NULL OR p.last_executed_at >= from_time)
    ) t
    GROUP BY t.part, t.settlement_currency
    ORDER BY t.part, t.settlement_currency;
END
$$;

COMMENT ON FUNCTION api.trade_statistics IS
$$Show win rate, profit factor and expectancy of closed cycles

A row for each settlement currency, and for each part: asset, account or week; without part, of all.
Those that closed from from_time to to_time, inclusive; without them all. part: the asset, the
account or the Monday (UTC) of the week; won and lost: by net_pnl; profit_factor: what was won for
each unit lost, null when nothing was lost; expectancy: the average net_pnl; average_minutes: from
opening to closing. Amounts are in the settlement currency, quotients have 12 fractional digits. No
rows: nothing closed then.

Refuses with:
- 400 `unknown part`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.trade_statistics TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.get_statistics(
    part text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('by', 'part', part),
        ('account', 'account', account),
        ('asset', 'asset', asset),
        ('from', 'time', from_time),
        ('to', 'time', to_time)
    ]::pms.argument[]);
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    RETURN jsonb_build_object(
        'by', asked.value -> 'by',
        'statistics', coalesce(
            (
                SELECT jsonb_agg(
                    to_jsonb(s) || jsonb_build_object(
                        'win_rate', pms.decimal_text(s.win_rate),
                        'profit_factor', pms.decimal_text(s.profit_factor),
                        'net_pnl', pms.decimal_text(s.net_pnl),
                        'expectancy', pms.decimal_text(s.expectancy),
                        'best', pms.decimal_text(s.best),
                        'worst', pms.decimal_text(s.worst)
                    )
                    ORDER BY s.part, s.settlement_currency
                )
                FROM api.trade_statistics(
                    asked.value ->> 'by',
                    account,
                    asked.value ->> 'asset',
                    (asked.value ->> 'from')::timestamptz,
                    (asked.value ->> 'to')::timestamptz
                ) s
            ),
            '[]'
        )
    );
END
$$;

COMMENT ON FUNCTION api.get_statistics IS
$$Show win rate, profit factor and expectancy of closed cycles

As api.trade_statistics, amounts as strings.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_statistics TO pms_reader, pms_trader, pms_operator;
