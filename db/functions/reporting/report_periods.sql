CREATE OR REPLACE FUNCTION pms.reported_period_json(p pms.pnl_period)
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    'net_pnl', pms.decimal_text(r.net_pnl),
    'realized', pms.decimal_text(r.realized),
    'unrealized_pnl', pms.decimal_text(r.unrealized_pnl),
    'fees_paid', pms.decimal_text(r.fees_paid),
    'funding', pms.decimal_text(r.funding),
    'currency_effect', pms.decimal_text(
        r.net_pnl - r.realized - r.unrealized_pnl + r.fees_paid - r.funding
    ),
    'complete', coalesce((p).complete, FALSE)
)
FROM (
    SELECT
        round((p).net_pnl_usdt, 12) AS net_pnl,
        round((p).realized_usdt, 12) AS realized,
        round((p).unrealized_pnl_usdt, 12) AS unrealized_pnl,
        round((p).fees_paid_usdt, 12) AS fees_paid,
        round((p).funding_usdt, 12) AS funding
) r
$$;

COMMENT ON FUNCTION pms.reported_period_json IS
$$A period of pms.report_periods in the currency, in the notation of the contract

null: the currency has no rate.$$;

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
                    || jsonb_build_object('reporting', pms.reported_period_json(p))
                    ORDER BY s.ordinal
                ),
                '[]'
            )
            FROM jsonb_array_elements(report_periods.answer -> 'periods')
                WITH ORDINALITY s (period, ordinal)
            LEFT JOIN unnest(report_periods.reported) p
                ON p.period_start = (s.period ->> 'period_start')::date
                    -- Without a rate there is no amount.
                    AND v_rates ->> 'rate' IS NOT NULL
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
