CREATE OR REPLACE FUNCTION pms.reporting_currency(asked text)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN nullif(coalesce(asked, (SELECT s.reporting_currency FROM pms.settings s)), 'USDT');
END
$$;

COMMENT ON FUNCTION pms.reporting_currency IS
$$The currency in which an answer shows its amounts beside USDT; null: in no other

asked: that of the request; null is that of the settings.$$;

CREATE OR REPLACE FUNCTION pms.amounts_at_rate(amounts jsonb, rate numeric)
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        left(m.name, -length('_usdt')),
        pms.decimal_text(pms.div_round(m.amount::numeric, amounts_at_rate.rate, 12))
    ),
    '{}'
)
FROM jsonb_each_text(amounts_at_rate.amounts) m (name, amount)
WHERE m.name LIKE '%\_usdt'
$$;

COMMENT ON FUNCTION pms.amounts_at_rate IS
$$The members of an object that end in _usdt, in another currency, without that ending

rate: USDT for one unit; null where there is none, and then the amounts are null.$$;

CREATE OR REPLACE FUNCTION pms.reported_totals(
    amounts jsonb,
    realized pms.realized_amounts[],
    rate numeric
)
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    'total_realized_pnl', pms.decimal_text(r.realized_pnl),
    'total_pnl', pms.decimal_text(r.unrealized_pnl + r.realized_pnl),
    'realized_net', pms.decimal_text(r.realized_pnl - r.funding),
    'fees', pms.decimal_text(r.fees_paid),
    'funding', pms.decimal_text(r.funding),
    'net_pnl', pms.decimal_text(r.unrealized_pnl + r.realized_pnl - r.fees_open),
    'currency_effect', pms.decimal_text(r.present_realized_pnl - r.realized_pnl)
)
FROM (
    SELECT
        (reported_totals.amounts ->> 'total_unrealized_pnl')::numeric AS unrealized_pnl,
        round(coalesce(sum(a.realized_pnl), 0), 12) AS realized_pnl,
        round(coalesce(sum(a.fees_paid), 0), 12) AS fees_paid,
        round(coalesce(sum(a.fees_open), 0), 12) AS fees_open,
        round(coalesce(sum(a.funding), 0), 12) AS funding,
        pms.div_round(coalesce(sum(a.present_realized_usdt), 0), reported_totals.rate, 12)
            AS present_realized_pnl
    FROM unnest(reported_totals.realized) a
) r
$$;

COMMENT ON FUNCTION pms.reported_totals IS
$$The totals that depend on what was realized, at the rates of when it was

amounts: those at the present rate. currency_effect: realized PnL at the present rate less that.$$;

CREATE OR REPLACE FUNCTION pms.reported_assets(
    by_asset jsonb,
    realized pms.realized_amounts[],
    rate numeric
)
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        b.asset,
        CASE
            WHEN reported_assets.realized IS NULL
                THEN jsonb_build_object('exposure', b.amounts -> 'exposure')
            ELSE b.amounts || jsonb_build_object(
                'realized_pnl', pms.decimal_text(b.realized_pnl),
                'currency_effect', pms.decimal_text(b.present_realized_pnl - b.realized_pnl)
            )
        END
    ),
    '{}'
)
FROM (
    SELECT
        m.asset,
        pms.amounts_at_rate(m.amounts, reported_assets.rate) AS amounts,
        CASE WHEN reported_assets.rate IS NOT NULL THEN round(coalesce(a.realized_pnl, 0), 12) END
            AS realized_pnl,
        pms.div_round(coalesce(a.present_realized_usdt, 0), reported_assets.rate, 12)
            AS present_realized_pnl
    FROM jsonb_each(reported_assets.by_asset) m (asset, amounts)
    LEFT JOIN unnest(reported_assets.realized) a ON m.asset = a.asset
) b
$$;

COMMENT ON FUNCTION pms.reported_assets IS
$$The same of each asset in by_asset of the contract

realized: null leaves all but the exposure out.$$;

CREATE OR REPLACE FUNCTION pms.reporting_rates_json(
    currency text,
    converted text[],
    at timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_currencies CONSTANT text[] := converted || currency;
BEGIN
    RETURN jsonb_build_object(
        'currency', currency,
        'missing_rates', ARRAY(
            SELECT DISTINCT c.currency
            FROM unnest(v_currencies) c (currency)
            WHERE pms.rate_status(
                    c.currency, reporting_rates_json.at, reporting_rates_json.known_at
                ) = 'missing'
            ORDER BY c.currency
        ),
        'stale_rates', pms.stale_rates(v_currencies, at, known_at)
    ) || (
        SELECT jsonb_build_object(
            'rate', pms.decimal_text(p.mark_price), 'rated_at', pms.time_text(p.priced_at)
        )
        FROM pms.rate_asset(reporting_rates_json.currency) r
        LEFT JOIN LATERAL pms.price_at(
            r.asset, reporting_rates_json.at, reporting_rates_json.known_at
        ) p ON p.mark_price > 0
    );
END
$$;

COMMENT ON FUNCTION pms.reporting_rates_json IS
$$The currency that amounts are shown in, and the rates to USDT that this needs

converted: the settlement currencies of the amounts. rate is USDT for one unit of the currency;
missing_rates and stale_rates name those of all of them.$$;

CREATE OR REPLACE FUNCTION pms.reporting_json(
    answer jsonb,
    summary pms.portfolio_summary,
    currency text,
    accounts text[],
    asset text DEFAULT NULL,
    as_of timestamptz DEFAULT NULL,
    known_at timestamptz DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_at CONSTANT timestamptz := coalesce(as_of, 'infinity');
    v_known_at CONSTANT timestamptz := coalesce(known_at, 'infinity');
    v_rates CONSTANT jsonb := pms.reporting_rates_json(
        currency, (summary.total).converted, v_at, v_known_at
    );
    v_rate CONSTANT numeric := (v_rates ->> 'rate')::numeric;
    v_amounts jsonb := pms.amounts_at_rate(answer, v_rate);
    v_missing_then text[] := '{}'::text[];
    v_realized pms.realized_amounts[];
BEGIN
    IF answer ? 'total_realized_pnl_usdt' THEN
        v_realized := ARRAY(
            SELECT r
            FROM pms.realized_in(
                reporting_json.currency, accounts, reporting_json.asset, reporting_json.as_of,
                reporting_json.known_at
            ) r
            -- Without a rate there is no amount.
            WHERE v_rate IS NOT NULL
        );
        v_missing_then := ARRAY(
            SELECT DISTINCT c.currency
            FROM unnest(v_realized) r
            CROSS JOIN LATERAL unnest(r.missing) c (currency)
            ORDER BY c.currency
        );
        v_amounts := v_amounts || CASE
            WHEN v_rate IS NULL THEN jsonb_build_object('currency_effect', NULL)
            ELSE pms.reported_totals(v_amounts, v_realized, v_rate)
        END || jsonb_build_object(
            'missing_rates_then', v_missing_then,
            'stale_rates_then', ARRAY(
                SELECT DISTINCT c.currency
                FROM unnest(v_realized) r
                CROSS JOIN LATERAL unnest(r.stale) c (currency)
                ORDER BY c.currency
            )
        );
    END IF;

    RETURN v_rates || v_amounts || jsonb_build_object(
        'by_asset', pms.reported_assets(summary.by_asset::jsonb, v_realized, v_rate),
        'complete', (answer ->> 'complete')::boolean AND v_missing_then = '{}'
        AND v_rates -> 'missing_rates' = '[]'
    );
END
$$;

COMMENT ON FUNCTION pms.reporting_json IS
$$The member reporting: the amounts of an answer in another currency

answer: an object with totals in USDT, of the summary. An amount at the present rate is that in USDT
divided by the rate of the currency; where the answer has realized PnL, that, its fees and funding
are converted at the rates of when they were realized, see pms.realized_in: missing_rates_then and
stale_rates_then name the currencies of those. Without a present rate all amounts are null.$$;
