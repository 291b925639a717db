CREATE OR REPLACE FUNCTION pms.equity_json(
    total pms.portfolio_total,
    account text,
    as_of timestamptz,
    known_at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_accounts CONSTANT text[] := pms.accounts_of(account);
    -- A future time means now.
    v_now CONSTANT timestamptz := least(as_of, now());
    v_at CONSTANT timestamptz := CASE WHEN as_of <= now() THEN as_of ELSE 'infinity' END;
    v_known_at CONSTANT timestamptz := coalesce(equity_json.known_at, 'infinity');
    base pms.equity_base;
    v_equity numeric;
BEGIN
    IF NOT total.is_all_assets THEN
        RETURN '{"equity_usdt": null, "return": null, "cash_usdt": null, "missing_rates": []}'::jsonb;
    END IF;

    IF pms.has_cash(v_accounts) THEN
        base := pms.equity_base(v_accounts, v_at, v_known_at);
    ELSE
        base.amount := pms.capital_at(v_accounts, v_now, v_now + interval '1 microsecond');
    END IF;

    v_equity := base.amount + total.net_pnl_usdt;
    IF base.cash IS NULL THEN
        RETURN jsonb_build_object(
            'equity_usdt', pms.decimal_text(v_equity),
            'return', CASE
                WHEN base.amount > 0
                    THEN pms.decimal_text(pms.div_round(total.net_pnl_usdt, base.amount, 12))
            END,
            'cash_usdt', NULL,
            'missing_rates', '[]'::jsonb
        );
    END IF;

    RETURN jsonb_build_object(
        'equity_usdt', pms.decimal_text(v_equity),
        'return', pms.decimal_text(pms.time_weighted_return(
            NULL,
            CASE WHEN base.missing = '{}' THEN v_equity END,
            pms.valued_movements(v_accounts, NULL, v_at, v_known_at)
        )),
        'cash_usdt', pms.decimal_text(base.cash),
        'missing_rates', to_jsonb(base.missing),
        'stale_rates', pms.stale_rates(total.converted || base.converted, v_at, v_known_at),
        'complete', total.complete AND base.missing = '{}'
    );
END
$$;

COMMENT ON FUNCTION pms.equity_json IS
$$The equity of a total and its return, as the contract writes them

account: null is all in scope. Of a single asset there is neither: capital and cash are of accounts.
With cash also what its rates say of the total.$$;
