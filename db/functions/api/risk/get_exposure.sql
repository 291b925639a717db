CREATE OR REPLACE FUNCTION pms.summarize_portfolio(subject text, account text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account)]::pms.argument[]
    );
    v_account text;
    v_totals pms.portfolio_total[];
    total pms.portfolio_total;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_account(asked.value ->> 'account');
    v_totals := ARRAY(SELECT t FROM pms.portfolio_totals(pms.current_legs(v_account)) t);
    total := pms.total_of(v_totals, v_account, NULL);

    RETURN CASE subject
        WHEN 'exposure'
            THEN jsonb_build_object('total_exposure_usdt', pms.decimal_text(total.exposure_usdt))
        WHEN 'pnl'
            THEN jsonb_build_object(
                    'total_unrealized_pnl_usdt', pms.decimal_text(total.unrealized_pnl_usdt),
                    'total_realized_pnl_usdt', pms.decimal_text(total.realized_pnl_usdt),
                    'total_pnl_usdt', pms.decimal_text(total.total_pnl_usdt)
                )
    END || jsonb_build_object(
        'by_asset', pms.by_asset_json(v_totals, v_account, NULL),
        'complete', total.complete,
        'unpriced', to_jsonb(total.unpriced),
        'calculated_at', pms.time_text(clock_timestamp())
    );
END
$$;

COMMENT ON FUNCTION pms.summarize_portfolio IS
$$The totals of one subject, over all assets and by asset

subject: exposure or pnl. Limits are not judged.$$;

CREATE OR REPLACE FUNCTION api.get_exposure(account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
RETURN pms.summarize_portfolio('exposure', account);

COMMENT ON FUNCTION api.get_exposure IS $$Show the exposure

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_exposure TO pms_reader, pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.get_pnl(account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
RETURN pms.summarize_portfolio('pnl', account);

COMMENT ON FUNCTION api.get_pnl IS $$Show profit and loss

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_pnl TO pms_reader, pms_trader, pms_operator;
