CREATE OR REPLACE FUNCTION pms.totals_as_of(
    at timestamptz,
    known_at timestamptz,
    account text,
    is_all_accounts boolean
)
RETURNS SETOF api.portfolio
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_at CONSTANT timestamptz := coalesce(totals_as_of.at, 'infinity');
    v_known_at CONSTANT timestamptz := coalesce(totals_as_of.known_at, 'infinity');
    -- From the ledger, also for the present.
    v_legs CONSTANT pms.priced_leg[] := pms.select_legs(v_at, v_known_at, totals_as_of.account);
BEGIN
    RETURN QUERY
    SELECT
        t.account,
        t.exposure_usdt,
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
        pms.stale_rates(t.converted, v_at, v_known_at)
    FROM pms.portfolio_totals(v_legs) t
    WHERE t.is_all_assets
        AND t.is_all_accounts = totals_as_of.is_all_accounts;
END
$$;

COMMENT ON FUNCTION pms.totals_as_of IS $$The totals of a moment, as known at another

is_all_accounts: one row over all accounts, whose account is null; else one for each.$$;

CREATE OR REPLACE FUNCTION api.portfolio_as_of(
    at timestamptz DEFAULT clock_timestamp(),
    known_at timestamptz DEFAULT 'infinity',
    account text DEFAULT NULL
)
RETURNS SETOF api.portfolio
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT t.*
FROM pms.totals_as_of(
    portfolio_as_of.at, portfolio_as_of.known_at, pms.require_account(portfolio_as_of.account),
    FALSE
) t
$$;

COMMENT ON FUNCTION api.portfolio_as_of IS
$$The totals of each account at a moment, as known at another

The rows of api.portfolio, from the ledger; see positions_as_of. Without account: one row for each.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.portfolio_as_of
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.portfolio_total_as_of(
    at timestamptz DEFAULT clock_timestamp(),
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS SETOF api.portfolio_total
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT
    t.exposure_usdt,
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
    t.stale_rates
FROM pms.totals_as_of(portfolio_total_as_of.at, portfolio_total_as_of.known_at, NULL, TRUE) t
$$;

COMMENT ON FUNCTION api.portfolio_total_as_of IS
$$The totals over all accounts at a moment, as known at another

The row of api.portfolio_total, from the ledger; see positions_as_of.$$;

GRANT EXECUTE ON FUNCTION api.portfolio_total_as_of
TO pms_reader, pms_trader, pms_operator, pms_analyst;
