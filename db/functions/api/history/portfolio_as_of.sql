CREATE OR REPLACE FUNCTION api.portfolio_as_of(
    at timestamptz DEFAULT clock_timestamp(),
    known_at timestamptz DEFAULT 'infinity',
    account text DEFAULT NULL
)
RETURNS SETOF api.portfolio
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account CONSTANT text := pms.require_account(account);
BEGIN
    RETURN QUERY
    SELECT
        t.account,
        t.exposure_usdt,
        t.net_exposure_usdt,
        t.net_exposure_usdt,
        t.unrealized_pnl_usdt,
        t.realized_pnl_usdt,
        t.total_pnl_usdt,
        t.fees_paid_usdt,
        t.funding_usdt,
        t.net_pnl_usdt,
        t.open_positions_count,
        t.long_positions_count,
        t.short_positions_count,
        t.unconverted_fees,
        t.complete,
        t.unpriced,
        t.assumed_instruments,
        pms.stale_rates(
            t.converted,
            coalesce(portfolio_as_of.at, 'infinity'),
            coalesce(portfolio_as_of.known_at, 'infinity')
        )
    FROM pms.portfolio_totals(
        -- From the ledger, also for the present.
        pms.select_legs(
            coalesce(portfolio_as_of.at, 'infinity'),
            coalesce(portfolio_as_of.known_at, 'infinity'),
            v_account
        )
    ) t
    WHERE t.is_all_assets
        AND (v_account IS NULL OR t.account = v_account);
END
$$;

COMMENT ON FUNCTION api.portfolio_as_of IS $$The totals of a moment, as known at another

The rows of api.portfolio, from the ledger; see positions_as_of. Without account: one row for each,
and the one over all, whose account is null.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.portfolio_as_of
TO pms_reader, pms_trader, pms_operator, pms_analyst;
