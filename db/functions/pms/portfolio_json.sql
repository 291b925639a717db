-- Deploy position_manager:functions/pms/portfolio_json to pg
-- requires: functions/pms/portfolio_totals
-- requires: functions/pms/decimal_text
-- requires: functions/pms/time_text
-- requires: functions/pms/quotient
-- requires: migrations/settings

BEGIN;

CREATE OR REPLACE FUNCTION pms.portfolio_json(legs pms.priced_leg[], account text, asset text)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        WITH cell AS MATERIALIZED (
            SELECT c.*
            FROM pms.portfolio_totals(portfolio_json.legs) c
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
        ),

        -- A limit is on all that is held: it is not exceeded less when one asset is asked for.
        limited AS (
            SELECT
                coalesce(bool_or(x.exposure_usdt > s.portfolio_max_exposure_usdt), FALSE)
                    AS is_exceeded,
                coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'metric', 'total_exposure_usdt',
                            'limit', pms.decimal_text(s.portfolio_max_exposure_usdt),
                            'value', pms.decimal_text(x.exposure_usdt),
                            'utilisation', pms.decimal_text(pms.quotient(
                                x.exposure_usdt, s.portfolio_max_exposure_usdt, 0.000000000001
                            ))
                        )
                    ),
                    '[]'
                ) AS limits
            FROM pms.settings s
            CROSS JOIN (
                SELECT coalesce(max(c.exposure_usdt), 0) AS exposure_usdt
                FROM cell c
                WHERE c.is_all_assets
            ) x
            WHERE s.portfolio_max_exposure_usdt IS NOT NULL
        )

        SELECT jsonb_build_object(
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
            'limit_exceeded', l.is_exceeded,
            'limits', l.limits,
            'calculated_at', pms.time_text(clock_timestamp())
        )
        FROM total t
        CROSS JOIN breakdown b
        CROSS JOIN limited l
    );
END
$$;

COMMENT ON FUNCTION pms.portfolio_json IS $$The portfolio as the contract writes it

legs: all that the account holds (null is all accounts); asset: null is all assets. Source:
contract.md, section 1, "Portfolio". What was never held is 0, not missing.$$;

COMMIT;
