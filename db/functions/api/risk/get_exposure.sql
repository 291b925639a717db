CREATE OR REPLACE FUNCTION api.get_exposure(account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(jsonb_build_object('account', account));
    v_portfolio jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    asked.account := pms.require_account(asked.account);

    v_portfolio := pms.portfolio_json(pms.current_legs(asked.account), asked.account, NULL);

    RETURN jsonb_build_object(
        'total_exposure_usdt', v_portfolio -> 'total_exposure_usdt',
        'by_asset', v_portfolio -> 'by_asset',
        'complete', v_portfolio -> 'complete',
        'unpriced', v_portfolio -> 'unpriced',
        'calculated_at', v_portfolio -> 'calculated_at'
    );
END
$$;

COMMENT ON FUNCTION api.get_exposure IS $$Show the exposure

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_exposure TO pms_reader, pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.get_pnl(account text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(jsonb_build_object('account', account));
    v_portfolio jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    asked.account := pms.require_account(asked.account);

    v_portfolio := pms.portfolio_json(pms.current_legs(asked.account), asked.account, NULL);

    RETURN jsonb_build_object(
        'total_unrealized_pnl_usdt', v_portfolio -> 'total_unrealized_pnl_usdt',
        'total_realized_pnl_usdt', v_portfolio -> 'total_realized_pnl_usdt',
        'total_pnl_usdt', v_portfolio -> 'total_pnl_usdt',
        'by_asset', v_portfolio -> 'by_asset',
        'complete', v_portfolio -> 'complete',
        'unpriced', v_portfolio -> 'unpriced',
        'calculated_at', v_portfolio -> 'calculated_at'
    );
END
$$;

COMMENT ON FUNCTION api.get_pnl IS $$Show profit and loss

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_pnl TO pms_reader, pms_trader, pms_operator;
