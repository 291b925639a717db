CREATE OR REPLACE FUNCTION pms.portfolio_json(
    legs pms.priced_leg[],
    account text,
    asset text,
    at timestamptz DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_limits pms.limits[] := ARRAY(
        SELECT l
        FROM pms.limits l
        WHERE (
            portfolio_json.account IS NULL
            OR l.account IN ('*', portfolio_json.account)
        )
        AND (
            pms.in_scope(l.account)
            -- The totals of all accounts are of those in scope; the history of all has no such part.
            OR l.account = '*' AND (
                portfolio_json.account IS NOT NULL
                OR l.metric NOT IN ('drawdown', 'daily_loss')
            )
        )
    );
    v_held pms.limit_basis[];
    v_used jsonb := jsonb_build_array();
    v_portfolio jsonb;
BEGIN
    WITH cube AS MATERIALIZED (
        SELECT c.*
        FROM pms.portfolio_totals(portfolio_json.legs) c
    ),

    cell AS (
        SELECT c.*
        FROM cube c
        WHERE c.is_all_accounts = (portfolio_json.account IS NULL)
            AND c.account IS NOT DISTINCT FROM portfolio_json.account
    ),

    total AS (
        SELECT
            coalesce(max(c.exposure_usdt), 0) AS exposure_usdt,
            coalesce(max(c.net_exposure_usdt), 0) AS net_exposure_usdt,
            coalesce(max(c.unrealized_pnl_usdt), 0) AS unrealized_pnl_usdt,
            coalesce(max(c.realized_pnl_usdt), 0) AS realized_pnl_usdt,
            coalesce(max(c.total_pnl_usdt), 0) AS total_pnl_usdt,
            coalesce(max(c.open_positions_count), 0) AS open_positions_count,
            coalesce(max(c.long_positions_count), 0) AS long_positions_count,
            coalesce(max(c.short_positions_count), 0) AS short_positions_count,
            coalesce(max(c.unconverted_fees), 0) AS unconverted_fees,
            coalesce(max(c.unpriced), '{}') AS unpriced,
            coalesce(bool_and(c.complete), TRUE) AS complete
        FROM cell c
        -- One row, or none when nothing was ever held there: then all is 0.
        WHERE c.is_all_assets = (portfolio_json.asset IS NULL)
            AND c.asset IS NOT DISTINCT FROM portfolio_json.asset
    ),

    breakdown AS (
        SELECT coalesce(
            jsonb_object_agg(
                c.asset,
                jsonb_build_object(
                    'exposure_usdt', pms.decimal_text(c.exposure_usdt),
                    'unrealized_pnl_usdt', pms.decimal_text(c.unrealized_pnl_usdt),
                    'realized_pnl_usdt', pms.decimal_text(c.realized_pnl_usdt),
                    'size', pms.decimal_text(c.size)
                )
            ),
            '{}'
        ) AS by_asset
        FROM cell c
        WHERE NOT c.is_all_assets
            AND (portfolio_json.asset IS NULL OR c.asset = portfolio_json.asset)
    )

    SELECT
        -- A limit is on all that is held: it is not used less when one asset is asked for.
        CASE
            WHEN v_limits <> '{}'
                THEN (
                    SELECT array_agg((
                        coalesce(c.account, '*'), coalesce(c.asset, '*'), c.long_size,
                        c.short_size, c.exposure_usdt, c.net_exposure_usdt, c.net_pnl_usdt
                    )::pms.limit_basis)
                    FROM cube c
                )
        END,
        jsonb_build_object(
            'total_exposure_usdt', pms.decimal_text(t.exposure_usdt),
            'net_exposure_usdt', pms.decimal_text(t.net_exposure_usdt),
            'portfolio_value_usdt', pms.decimal_text(t.net_exposure_usdt),
            'total_unrealized_pnl_usdt', pms.decimal_text(t.unrealized_pnl_usdt),
            'total_realized_pnl_usdt', pms.decimal_text(t.realized_pnl_usdt),
            'total_pnl_usdt', pms.decimal_text(t.total_pnl_usdt),
            'open_positions_count', t.open_positions_count,
            'long_positions_count', t.long_positions_count,
            'short_positions_count', t.short_positions_count,
            'unconverted_fees', t.unconverted_fees,
            'by_asset', b.by_asset,
            'complete', t.complete,
            'unpriced', to_jsonb(t.unpriced),
            'calculated_at', pms.time_text(clock_timestamp())
        )
    INTO v_held, v_portfolio
    FROM total t
    CROSS JOIN breakdown b;

    IF v_limits <> '{}' THEN
        v_used := pms.limits_json(
            v_limits,
            v_held,
            CASE
                WHEN
                    EXISTS (
                        SELECT 1
                        FROM unnest(v_limits) l
                        WHERE l.metric IN ('drawdown', 'daily_loss')
                    )
                    THEN pms.equity_marks_at(portfolio_json.account, portfolio_json.at)
            END,
            coalesce(portfolio_json.at, clock_timestamp())
        );
    END IF;

    RETURN v_portfolio || jsonb_build_object(
        'limits', v_used,
        'limit_exceeded', v_used @> '[{"level": "breach"}]'
    );
END
$$;

COMMENT ON FUNCTION pms.portfolio_json IS $$The portfolio as the contract writes it

legs: all that the account holds (null is all accounts); asset: null is all assets; at: the moment
that the legs are of, null is now. Source: contract.md, section 1, "Portfolio". What was never held
is 0, not missing. Seen from one account, a limit of the portfolio is judged by that account
alone.$$;
