CREATE OR REPLACE FUNCTION pms.position_pnl_json(p pms.position_period)
RETURNS jsonb
LANGUAGE sql
-- Not IMMUTABLE: it could not be inlined then.
STABLE
RETURN jsonb_build_object(
    'account', (p).account,
    'asset', (p).asset,
    'mode', (p).mode,
    'settlement_currency', (p).settlement_currency,
    'realized', pms.decimal_text((p).realized),
    'fees_paid', pms.decimal_text((p).fees_paid),
    'funding', pms.decimal_text((p).funding),
    'realized_pnl', pms.decimal_text((p).realized_pnl),
    'unrealized_pnl', pms.decimal_text((p).unrealized_pnl),
    'net_pnl', pms.decimal_text((p).net_pnl),
    'net_pnl_usdt', pms.decimal_text((p).net_pnl_usdt),
    'complete', (p).complete,
    'is_restated', (p).is_restated,
    'restated_at', pms.time_text((p).restated_at),
    'restated_realized_pnl', pms.decimal_text((p).restated_realized_pnl),
    'restatements', to_jsonb((p).restatements)
);

COMMENT ON FUNCTION pms.position_pnl_json IS
'The PnL of a position in a period, in the notation of the contract.';

CREATE OR REPLACE FUNCTION pms.period_pnl_json(p pms.pnl_period)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'period_start', (p).period_start,
    'starts_at', pms.time_text((p).starts_at),
    'ends_at', pms.time_text((p).ends_at),
    'net_pnl_usdt', pms.decimal_text((p).net_pnl_usdt),
    'realized_usdt', pms.decimal_text((p).realized_usdt),
    'unrealized_pnl_usdt', pms.decimal_text((p).unrealized_pnl_usdt),
    'fees_paid_usdt', pms.decimal_text((p).fees_paid_usdt),
    'funding_usdt', pms.decimal_text((p).funding_usdt),
    'conversion_usdt', pms.decimal_text((p).conversion_usdt),
    'opening_equity_usdt', pms.decimal_text((p).opening_equity_usdt),
    'closing_equity_usdt', pms.decimal_text((p).closing_equity_usdt),
    'return_ratio', pms.decimal_text((p).return_ratio),
    'complete', (p).complete,
    'is_restated', (p).is_restated,
    'restated_at', pms.time_text((p).restated_at),
    'restated_realized_pnl_usdt', pms.decimal_text((p).restated_realized_pnl_usdt),
    'restatements', to_jsonb((p).restatements),
    'flows_usdt', pms.decimal_text((p).flows_usdt),
    'interest_usdt', pms.decimal_text((p).interest_usdt),
    'cash_conversion_usdt', pms.decimal_text((p).cash_conversion_usdt)
);

COMMENT ON FUNCTION pms.period_pnl_json IS
'The PnL of a period, in the notation of the contract.';

CREATE OR REPLACE FUNCTION pms.positions_by_period_json(parts pms.position_period[])
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_object_agg(g.period_start, g.positions)
FROM (
    SELECT
        p.period_start,
        jsonb_agg(pms.position_pnl_json(p) ORDER BY p.account, p.asset, p.mode) AS positions
    FROM unnest(positions_by_period_json.parts) p
    GROUP BY p.period_start
) g
$$;

COMMENT ON FUNCTION pms.positions_by_period_json IS
'The PnL of positions in periods, by the start of the period; null where there is none.';

CREATE OR REPLACE FUNCTION api.get_pnl_by_period(
    unit text DEFAULT NULL,
    time_zone text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    include_positions text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    currency text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('by', 'unit', unit),
            ('time_zone', 'time_zone', time_zone),
            ('account', 'account', account), ('asset', 'asset', asset),
            ('from', 'time', from_time), ('to', 'time', to_time),
            ('include_positions', 'flag', include_positions),
            ('limit', 'limit', page_limit), ('currency', 'currency', currency),
            ('book', 'account', book)
        ]::pms.argument[]
    );
    v_accounts text[] := pms.accounts_of(pms.require_book(account, asked.value ->> 'book'));
    v_unit text := coalesce(asked.value ->> 'by', 'day');
    v_asset text := asked.value ->> 'asset';
    v_limit integer := coalesce((asked.value ->> 'limit')::integer, 100);
    v_until timestamptz := (asked.value ->> 'to')::timestamptz;
    v_zone text;
    v_since timestamptz;
    v_shows_positions boolean := coalesce(asked.value ->> 'include_positions' = 'true', FALSE);
    v_parts pms.position_period[];
    v_all pms.position_period[];
    v_bases pms.period_base[];
    v_periods pms.pnl_period[];
    v_positions jsonb;
    v_currency text;
    v_answer jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_zone := pms.resolve_time_zone(asked.value ->> 'time_zone');
    -- One more than requested shows whether there are more.
    v_since := greatest(
        (asked.value ->> 'from')::timestamptz,
        (
            date_trunc(v_unit, (
                least(v_until - interval '1 microsecond', now())
            ) AT TIME ZONE v_zone) - v_limit * ('1 ' || v_unit)::interval
        ) AT TIME ZONE v_zone
    );
    v_parts := ARRAY(
        SELECT p
        FROM pms.position_pnl(
            v_accounts, v_asset, v_unit, v_zone, v_since, v_until,
            part => CASE WHEN v_shows_positions THEN 'position' ELSE 'currency' END
        ) p
    );
    v_all := v_parts || pms.empty_periods(v_accounts, v_unit, v_zone, v_since, v_until);
    v_bases := pms.period_bases(v_accounts, v_all);
    v_periods := ARRAY(
        SELECT p
        FROM pms.sum_periods(v_bases, pms.valued_movements(v_accounts, v_asset), v_all) p
        ORDER BY p.period_start DESC
    );

    IF v_shows_positions THEN
        v_positions := pms.positions_by_period_json(v_parts);
    END IF;

    v_answer := jsonb_build_object(
        'by', v_unit,
        'time_zone', v_zone,
        'periods', coalesce(
            (
                SELECT jsonb_agg(
                    pms.period_pnl_json(p) || CASE
                        WHEN v_positions IS NULL THEN '{}'
                        ELSE jsonb_build_object(
                            'positions', coalesce(v_positions -> p.period_start::text, '[]')
                        )
                    END
                    ORDER BY p.period_start DESC
                )
                FROM unnest(v_periods[:v_limit]) p
            ),
            '[]'
        ),
        'next_to', CASE
            WHEN cardinality(v_periods) > v_limit
                THEN pms.time_text((v_periods[v_limit]).starts_at)
        END
    );
    v_currency := pms.reporting_currency(asked.value ->> 'currency');
    IF v_currency IS NOT NULL THEN
        v_answer := pms.report_periods(v_answer, v_currency, v_parts, ARRAY(
            SELECT s
            FROM pms.sum_periods(v_bases, NULL, ARRAY(
                SELECT p
                FROM pms.position_pnl(
                    v_accounts, v_asset, v_unit, v_zone, v_since, v_until,
                    part => 'currency', shown_in => v_currency
                ) p
            )) s
        ));
    END IF;

    RETURN v_answer;
END
$$;

COMMENT ON FUNCTION api.get_pnl_by_period IS $$Show profit and loss by day, week or month

Newest first. An entry counts in the period of its event time. Without unit: day; without page_limit:
100. time_zone defaults to that of the settings, account to all accounts. from_time and to_time: only
periods that overlap them. include_positions: each period lists its positions, or assets where it is
over all accounts. currency: as api.get_portfolio; each period has its amounts in reporting, see
pms.report_periods. next_to is the to_time of the next page, null on the last. See api.pnl_by_day
for the fields.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_pnl_by_period TO pms_reader, pms_trader, pms_operator;
