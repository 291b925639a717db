CREATE OR REPLACE FUNCTION pms.cash_balance_json(b pms.cash_balance)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'account', (b).account,
    'currency', (b).currency,
    'cash', pms.decimal_text((b).cash),
    'settled', pms.decimal_text((b).settled),
    'invested', pms.decimal_text((b).invested),
    'balance', pms.decimal_text((b).balance),
    'usdt_rate', pms.decimal_text((b).usdt_rate),
    'rate_status', (b).rate_status,
    'value_usdt', pms.decimal_text((b).value_usdt)
);

COMMENT ON FUNCTION pms.cash_balance_json IS
'The cash of an account in a currency, as the contract writes it.';

CREATE OR REPLACE FUNCTION pms.cash_entry_json(e pms.cash_entries, is_busted boolean)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'account', (e).account,
    'id', (e).id,
    'identity', (e).identity,
    'kind', (e).kind,
    'currency', (e).currency,
    'amount', pms.decimal_text((e).amount),
    'counter_account', (e).counter_account,
    'effective_at', pms.time_text((e).effective_at),
    'recorded_at', pms.time_text((e).recorded_at),
    'busts', (e).busts,
    'is_busted', is_busted,
    'trace_id', (e).trace_id
);

COMMENT ON FUNCTION pms.cash_entry_json IS 'An entry of cash, as the contract writes it.';

CREATE OR REPLACE FUNCTION api.get_cash(
    account text DEFAULT NULL,
    currency text DEFAULT NULL,
    as_of text DEFAULT NULL,
    known_at text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    page_offset text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('account', 'account', account),
        ('currency', 'asset', currency),
        ('as_of', 'time', as_of),
        ('known_at', 'time', known_at),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset)
    ]::pms.argument[]);
    v_currency CONSTANT text := pms.asset_name(currency);
    v_as_of CONSTANT timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at CONSTANT timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_until CONSTANT timestamptz := coalesce(v_as_of, 'infinity');
    v_known_until CONSTANT timestamptz := coalesce(v_known_at, 'infinity');
    v_accounts text[];
    v_balances pms.cash_balance[];
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_accounts := pms.accounts_of(asked.value ->> 'account');
    v_balances := ARRAY(
        SELECT b
        FROM pms.cash_balances_at(asked.value ->> 'account', v_as_of, v_known_at) b
        WHERE v_currency IS NULL
            OR b.currency = v_currency
        ORDER BY b.account, b.currency
    );

    RETURN (
        SELECT jsonb_build_object(
            'balances', coalesce(jsonb_agg(pms.cash_balance_json(b)), '[]'),
            'value_usdt', pms.decimal_text(trim_scale(coalesce(sum(b.value_usdt), 0))),
            'missing_rates', to_jsonb(ARRAY(
                SELECT DISTINCT m.currency
                FROM unnest(v_balances) m
                WHERE m.rate_status = 'missing' AND m.balance <> 0
                ORDER BY m.currency
            )),
            'stale_rates', to_jsonb(ARRAY(
                SELECT DISTINCT m.currency
                FROM unnest(v_balances) m
                WHERE m.rate_status = 'stale' AND m.balance <> 0
                ORDER BY m.currency
            ))
        )
        FROM unnest(v_balances) b
    ) || (
        WITH found AS (
            SELECT e.*
            FROM pms.cash_entries e
            WHERE (v_accounts IS NULL OR e.account = ANY(v_accounts))
                AND (v_currency IS NULL OR e.currency = v_currency)
                AND e.effective_at <= v_until
                AND e.recorded_at <= v_known_until
        )

        SELECT jsonb_build_object(
            'entries', coalesce(
                jsonb_agg(
                    pms.cash_entry_json(
                        p.entry,
                        EXISTS (
                            SELECT 1
                            FROM pms.cash_entries b
                            WHERE b.account = (p.entry).account
                                AND b.busts = (p.entry).id
                                AND b.recorded_at <= v_known_until
                        )
                    )
                    ORDER BY (p.entry).effective_at DESC, (p.entry).id DESC
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
        FROM (
            SELECT f::pms.cash_entries AS entry
            FROM found f
            ORDER BY f.effective_at DESC, f.id DESC
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        ) p
    ) || pms.as_of_json(v_as_of, v_known_at);
END
$$;

COMMENT ON FUNCTION api.get_cash IS $$Show cash balances, and list the entries behind them

balances: of each account and currency, of accounts that have cash entries; value_usdt is their
sum, without the currencies in missing_rates; stale_rates were used. entries: newest first; count
is of all that match, whatever the page. Without account: of all; without page_limit: 100. as_of,
known_at: as in api.get_portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_cash TO pms_reader, pms_trader, pms_operator;
