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
    v_reported text[];
    v_part CONSTANT text := asked.value ->> 'by';
    v_asset CONSTANT text := asked.value ->> 'asset';
    trades record;
    days record;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_zone := pms.resolve_time_zone(asked.value ->> 'time_zone');
    v_account := pms.require_book(account, asked.value ->> 'book');
    v_currency := pms.reporting_currency(asked.value ->> 'currency');
    v_reported := array_remove(ARRAY[v_currency], NULL);

    -- Both at once: what they are computed from is read once.
    SELECT
        jsonb_agg(pms.trade_statistics_json(s.found) ORDER BY s.place) FILTER (WHERE s.is_own)
            AS own,
        jsonb_agg(pms.trade_statistics_json(s.found) ORDER BY s.place) FILTER (WHERE NOT s.is_own)
            AS reported,
        coalesce(sum((s.found).trades) FILTER (WHERE s.is_own), 0)
        - coalesce(sum((s.found).trades) FILTER (WHERE NOT s.is_own), 0) AS unconverted,
        array_agg(DISTINCT (s.found).settlement_currency)
            FILTER (WHERE s.is_own AND (s.found).settlement_currency <> 'USDT') AS settled_in
    INTO trades
    FROM (
        SELECT t.found, t.currency IS NULL AS is_own, row_number() OVER () AS place
        FROM pms.trade_statistics_in(
                NULL::text || v_reported, v_part, v_account, v_asset, v_since, v_until, v_zone
            ) t
    ) s;

    SELECT
        jsonb_agg(pms.return_statistics_json(s.found) ORDER BY s.place) FILTER (WHERE s.is_own)
            AS own,
        jsonb_agg(pms.return_statistics_json(s.found) ORDER BY s.place) FILTER (WHERE NOT s.is_own)
            AS reported
    INTO days
    FROM (
        SELECT d.found, d.currency = 'USDT' AS is_own, row_number() OVER () AS place
        FROM pms.day_statistics_in(
                'USDT'::text || v_reported, v_part, v_account, v_asset, v_since, v_until, v_zone,
                v_days_per_year, v_risk_free
            ) d
    ) s;

    RETURN jsonb_build_object(
        'by', v_part,
        'time_zone', v_zone,
        'days_per_year', v_days_per_year,
        'risk_free', pms.decimal_text(v_risk_free),
        'statistics', coalesce(trades.own, '[]'),
        'days', coalesce(days.own, '[]')
    ) || CASE
        WHEN v_currency IS NULL THEN '{}'
        ELSE jsonb_build_object(
            'reporting',
            pms.reporting_rates_json(v_currency, coalesce(trades.settled_in, '{}'))
            || jsonb_build_object(
                'statistics', coalesce(trades.reported, '[]'),
                'days', coalesce(days.reported, '[]'),
                'unconverted_trades', trades.unconverted
            )
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
