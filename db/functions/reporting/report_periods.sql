CREATE OR REPLACE FUNCTION pms.reported_period_json(
    period jsonb,
    p pms.pnl_period,
    is_rated boolean
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- Without positions there is nothing to convert.
    v_is_complete CONSTANT boolean := coalesce(p.complete, TRUE);
    v_net_pnl CONSTANT numeric := round(coalesce(p.net_pnl_usdt, 0), 12);
    v_realized CONSTANT numeric := round(coalesce(p.realized_usdt, 0), 12);
    v_unrealized_pnl CONSTANT numeric := round(coalesce(p.unrealized_pnl_usdt, 0), 12);
    v_fees_paid CONSTANT numeric := round(coalesce(p.fees_paid_usdt, 0), 12);
    v_funding CONSTANT numeric := round(coalesce(p.funding_usdt, 0), 12);
BEGIN
    RETURN (
        SELECT
            jsonb_object_agg(
                a.name,
                CASE
                    WHEN is_rated OR v_is_complete OR a.in_usdt::numeric = 0
                        THEN pms.decimal_text(a.amount)
                END
            )
        FROM (
            VALUES
            ('net_pnl', v_net_pnl, NULL),
            ('realized', v_realized, period ->> 'realized_usdt'),
            ('unrealized_pnl', v_unrealized_pnl, period ->> 'unrealized_pnl_usdt'),
            ('fees_paid', v_fees_paid, period ->> 'fees_paid_usdt'),
            ('funding', v_funding, period ->> 'funding_usdt'),
            (
                'currency_effect',
                v_net_pnl - v_realized - v_unrealized_pnl + v_fees_paid - v_funding, NULL
            )
        ) a (name, amount, in_usdt)
    ) || jsonb_build_object('complete', v_is_complete);
END
$$;

COMMENT ON FUNCTION pms.reported_period_json IS
$$A period of pms.report_periods in the currency, in the notation of the contract

period: the same in USDT; p: null without positions. is_rated: the currency has a rate. Without one
an amount other than 0 is null, and so is net_pnl, with currency_effect, if there is PnL of before
to convert.$$;

CREATE OR REPLACE FUNCTION pms.report_periods(
    answer jsonb,
    currency text,
    parts pms.position_period[],
    reported pms.pnl_period[]
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_rates CONSTANT jsonb := pms.reporting_rates_json(currency, ARRAY(
        SELECT DISTINCT p.settlement_currency
        FROM unnest(parts) p
        WHERE p.settlement_currency <> 'USDT'
    ));
BEGIN
    RETURN answer || jsonb_build_object(
        'reporting', v_rates,
        'periods', (
            SELECT coalesce(
                jsonb_agg(
                    s.period
                    || jsonb_build_object('reporting', pms.reported_period_json(
                        s.period, p, v_rates ->> 'rate' IS NOT NULL
                    ))
                    ORDER BY s.ordinal
                ),
                '[]'
            )
            FROM jsonb_array_elements(report_periods.answer -> 'periods')
                WITH ORDINALITY s (period, ordinal)
            LEFT JOIN unnest(report_periods.reported) p
                ON p.period_start = (s.period ->> 'period_start')::date
        )
    );
END
$$;

COMMENT ON FUNCTION pms.report_periods IS
$$An answer with periods, and each of them in another currency as well

parts: the rows of pms.position_pnl that the periods are sums of; reported: the sums of those in
the currency, without cash, which are computed as those in USDT, with the rates to that currency:
an entry at those of its quarter hour, unrealized PnL at those of the ends of the period.
currency_effect is what changes of the rates did to PnL that was earned before. Amounts are
rounded to 12 fractional digits.$$;
