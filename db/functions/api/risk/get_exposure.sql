CREATE OR REPLACE FUNCTION pms.summarize_portfolio(subject text, account text)
RETURNS json
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account)]::pms.argument[]
    );
    v_account text;
    v_legs pms.priced_leg[];
    v_amounts jsonb;
    v_by_asset json;
    v_unpriced text[];
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_account(asked.value ->> 'account');
    v_legs := pms.current_legs(v_account);

    -- Only the columns that are named here are summed (ADR 0002).
    SELECT
        CASE subject
            WHEN 'exposure'
                THEN jsonb_build_object(
                        'total_exposure_usdt', pms.decimal_text(a.exposure_usdt)
                    )
            WHEN 'pnl'
                THEN jsonb_build_object(
                        'total_unrealized_pnl_usdt', pms.decimal_text(a.unrealized_pnl_usdt),
                        'total_realized_pnl_usdt', pms.decimal_text(a.realized_pnl_usdt),
                        'total_pnl_usdt',
                        pms.decimal_text(a.unrealized_pnl_usdt + a.realized_pnl_usdt)
                    )
        END,
        a.by_asset,
        a.unpriced
    INTO v_amounts, v_by_asset, v_unpriced
    FROM (
        SELECT
            coalesce(sum(t.exposure_usdt), 0) AS exposure_usdt,
            coalesce(sum(t.unrealized_pnl_usdt), 0) AS unrealized_pnl_usdt,
            coalesce(sum(t.realized_pnl_usdt), 0) AS realized_pnl_usdt,
            concat(
                '{',
                string_agg(
                    pms.by_asset_member(
                        t.asset, t.exposure_usdt, t.unrealized_pnl_usdt, t.realized_pnl_usdt, t.size
                    ),
                    ', ' ORDER BY t.asset
                ),
                '}'
            )::json AS by_asset,
            coalesce(array_agg(t.asset ORDER BY t.asset) FILTER (WHERE NOT t.complete), '{}')
                AS unpriced
        FROM pms.sum_positions(v_legs, v_account IS NULL, FALSE) t
    ) a;

    RETURN pms.with_members(
        v_amounts || jsonb_build_object(
            'complete', v_unpriced = '{}',
            'unpriced', v_unpriced,
            'calculated_at', pms.time_text(clock_timestamp())
        ),
        json_build_object('by_asset', v_by_asset)
    );
END
$$;

COMMENT ON FUNCTION pms.summarize_portfolio IS
$$The totals of one subject, over all assets and by asset

subject: exposure or pnl. Limits are not judged.$$;

CREATE OR REPLACE FUNCTION api.get_exposure(account text DEFAULT NULL)
RETURNS json
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
RETURNS json
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
