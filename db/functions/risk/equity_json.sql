CREATE OR REPLACE FUNCTION pms.equity_json(
    total pms.portfolio_total,
    account text,
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_capital CONSTANT numeric := CASE
        WHEN total.is_all_assets
            THEN pms.capital_at(pms.accounts_of(account), at, at + interval '1 microsecond')
    END;
BEGIN
    RETURN jsonb_build_object(
        'equity_usdt', pms.decimal_text(v_capital + total.net_pnl_usdt),
        'return', CASE
            WHEN v_capital > 0
                THEN pms.decimal_text(pms.div_round(total.net_pnl_usdt, v_capital, 12))
        END
    );
END
$$;

COMMENT ON FUNCTION pms.equity_json IS
$$The equity of a total and its return on the capital, as the contract writes them

account: null is all in scope. Of a single asset there is neither: capital is of accounts.$$;
