-- Deploy position_manager:functions/api/get_portfolio to pg
-- requires: functions/pms/read_arguments
-- requires: functions/pms/refused_arguments
-- requires: functions/pms/portfolio_json
-- requires: functions/pms/position_json

BEGIN;

CREATE OR REPLACE FUNCTION api.get_portfolio(
    include_positions text DEFAULT NULL,
    asset text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.read_arguments(jsonb_build_object(
        'include_positions', include_positions,
        'asset', asset,
        'account', account
    ));
    v_portfolio jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.refused_arguments(asked.objections);
    END IF;

    v_portfolio := pms.portfolio_json(asked.account, asked.asset);

    IF asked.include_positions THEN
        v_portfolio := v_portfolio || jsonb_build_object(
            'positions', (
                SELECT coalesce(
                    jsonb_agg(pms.position_json(p) ORDER BY p.asset, p.mode, p.account), '[]'
                )
                FROM api.positions p
                WHERE (asked.account IS NULL OR p.account = asked.account)
                    AND (asked.asset IS NULL OR p.asset = asked.asset)
            )
        );
    END IF;

    RETURN v_portfolio;
END
$$;

COMMENT ON FUNCTION api.get_portfolio IS $$Show the portfolio: totals, counts, each asset

Without account: over all accounts. complete is false when an open position has no price in USDT;
unpriced names its asset. limits tells how far each limit is used; limits are judged on all assets,
also when one is asked for. An unknown asset or account is an empty portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range$$;

GRANT EXECUTE ON FUNCTION api.get_portfolio TO pms_reader, pms_trader, pms_operator;

COMMIT;
