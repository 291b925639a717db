CREATE OR REPLACE FUNCTION pms.trade_statistics_json(s pms.trade_statistics)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'part', (s).part,
    'settlement_currency', (s).settlement_currency,
    'trades', (s).trades,
    'won', (s).won,
    'lost', (s).lost,
    'win_rate', pms.decimal_text((s).win_rate),
    'profit_factor', pms.decimal_text((s).profit_factor),
    'net_pnl', pms.decimal_text((s).net_pnl),
    'expectancy', pms.decimal_text((s).expectancy),
    'best', pms.decimal_text((s).best),
    'worst', pms.decimal_text((s).worst),
    'average_minutes', (s).average_minutes,
    'turnover', pms.decimal_text((s).turnover)
);

COMMENT ON FUNCTION pms.trade_statistics_json IS
'Statistics of closed cycles, in the notation of the contract.';

CREATE OR REPLACE FUNCTION pms.return_statistics_json(s pms.return_statistics)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'part', (s).part,
    'days', (s).days,
    'winning_days', (s).winning_days,
    'losing_days', (s).losing_days,
    'mean_return', pms.decimal_text((s).mean_return),
    'standard_deviation', pms.decimal_text((s).standard_deviation),
    'best_return', pms.decimal_text((s).best_return),
    'worst_return', pms.decimal_text((s).worst_return),
    'total_return', pms.decimal_text((s).total_return),
    'annual_return', pms.decimal_text((s).annual_return),
    'sharpe', pms.decimal_text((s).sharpe),
    'sortino', pms.decimal_text((s).sortino),
    'calmar', pms.decimal_text((s).calmar),
    'max_drawdown', pms.decimal_text((s).max_drawdown),
    'max_drawdown_from', (s).max_drawdown_from,
    'max_drawdown_to', (s).max_drawdown_to,
    'max_drawdown_days', (s).max_drawdown_days,
    'complete', (s).complete
);

COMMENT ON FUNCTION pms.return_statistics_json IS
'Statistics of daily returns, in the notation of the contract.';

CREATE OR REPLACE FUNCTION api.get_statistics(
    part text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    time_zone text DEFAULT NULL,
    days_per_year text DEFAULT NULL,
    risk_free text DEFAULT NULL,
    book text DEFAULT NULL,
    currency text DEFAULT NULL
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
        ('to', 'time', to_time),
        ('time_zone', 'time_zone', time_zone),
        ('days_per_year', 'days_per_year', days_per_year),
        ('risk_free', 'decimal', risk_free),
        ('book', 'account', book),
        ('currency', 'currency', currency)
    ]::pms.argument[]);
    v_since timestamptz := (asked.value ->> 'from')::timestamptz;
    v_until timestamptz := (asked.value ->> 'to')::timestamptz;
    v_days_per_year integer := coalesce((asked.value ->> 'days_per_year')::integer, 365);
    v_risk_free numeric := coalesce((asked.value ->> 'risk_free')::numeric, 0);
    v_zone text;
    v_account text;
    v_currency text;
    v_part CONSTANT text := asked.value ->> 'by';
    v_asset CONSTANT text := asked.value ->> 'asset';
    v_found jsonb[];
    v_counts bigint[];
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_zone := pms.resolve_time_zone(asked.value ->> 'time_zone');
    v_account := pms.require_book(account, asked.value ->> 'book');
    v_currency := pms.reporting_currency(asked.value ->> 'currency');

    SELECT
        array_agg(
            jsonb_build_object(
                'statistics', coalesce(t.statistics, '[]'), 'days', coalesce(d.days, '[]')
            )
            ORDER BY c.place
        ),
        array_agg(coalesce(t.trades, 0) ORDER BY c.place)
    INTO v_found, v_counts
    FROM (
        VALUES (1, NULL), (2, v_currency)
    ) c (place, currency)
    CROSS JOIN LATERAL (
        SELECT
            jsonb_agg(pms.trade_statistics_json(s) ORDER BY s.part, s.settlement_currency)
                AS statistics,
            sum(s.trades)::bigint AS trades
        FROM api.trade_statistics(
                v_part, v_account, v_asset, v_since, v_until, v_zone, c.currency
            ) s
    ) t
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(pms.return_statistics_json(s) ORDER BY s.part) AS days
        FROM api.day_statistics(
                v_part, v_account, v_asset, v_since, v_until, v_zone, v_days_per_year, v_risk_free,
                coalesce(c.currency, 'USDT')
            ) s
    ) d
    WHERE c.place = 1
        OR c.currency IS NOT NULL;

    RETURN jsonb_build_object(
        'by', v_part,
        'time_zone', v_zone,
        'days_per_year', v_days_per_year,
        'risk_free', pms.decimal_text(v_risk_free)
    ) || v_found[1] || CASE
        WHEN v_currency IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'reporting',
            v_found[2] || jsonb_build_object('unconverted_trades', v_counts[1] - v_counts[2])
            || pms.reporting_rates_json(v_currency, ARRAY(
                SELECT DISTINCT s.settlement_currency
                FROM jsonb_to_recordset(v_found[1] -> 'statistics') s (settlement_currency text)
                WHERE s.settlement_currency <> 'USDT'
            ))
        )
    END;
END
$$;

COMMENT ON FUNCTION api.get_statistics IS
$$Show the statistics of closed cycles and of daily returns

statistics: as api.trade_statistics; days: as api.day_statistics, which states the formulas and
their sources. Amounts and ratios are strings. Without time_zone: that of the settings; without
days_per_year: 365; without risk_free: 0. book: of a book of the account, or of main. currency:
reporting has the same in it, with the rates of pms.reporting_rates_json; null is reporting_currency
of the settings. unconverted_trades: cycles left out there, without a rate when they closed.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_statistics TO pms_reader, pms_trader, pms_operator;
