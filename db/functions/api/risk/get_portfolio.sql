CREATE OR REPLACE FUNCTION api.get_portfolio(
    include_positions text DEFAULT NULL,
    asset text DEFAULT NULL,
    account text DEFAULT NULL,
    as_of text DEFAULT NULL,
    known_at text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(jsonb_build_object(
        'include_positions', include_positions,
        'asset', asset,
        'account', account,
        'as_of', as_of,
        'known_at', known_at
    ));
    v_legs pms.priced_leg[];
    v_portfolio jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    asked.account := pms.require_account(asked.account);

    v_legs := pms.select_legs(asked.as_of, asked.known_at, asked.account);
    v_portfolio := pms.portfolio_json(
        v_legs, asked.account, asked.asset, least(asked.as_of, asked.known_at)
    ) || pms.as_of_json(asked.as_of, asked.known_at);

    IF asked.include_positions THEN
        v_portfolio := v_portfolio || jsonb_build_object(
            'positions', (
                SELECT coalesce(
                    jsonb_agg(pms.position_json(p) ORDER BY p.asset, p.mode, p.account), '[]'
                )
                FROM pms.positions_from_legs(v_legs, least(asked.as_of, now())) p
                WHERE asked.asset IS NULL
                    OR p.asset = asked.asset
            )
        );
    END IF;

    RETURN v_portfolio;
END
$$;

COMMENT ON FUNCTION api.get_portfolio IS $$Show the portfolio: totals, counts, each asset

Without account: over all accounts. complete is false when a position is left out of an amount, for
want of a price or of a rate to USDT; unpriced names its asset. limits tells how far each limit is
used, limit_exceeded whether one is passed; limits are judged on all assets, also when one is asked
for, and those of the portfolio by the account that is asked for. An unknown asset or account is an
empty portfolio. as_of: as it was then, by the limits of now; known_at: as we knew it then; a moment
to come is now. The answer carries both when one is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_portfolio TO pms_reader, pms_trader, pms_operator;
