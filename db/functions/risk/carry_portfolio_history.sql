CREATE OR REPLACE FUNCTION pms.carry_portfolio_history(until timestamptz)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.portfolio_history (
    account, recorded_at, capital, net_pnl, realized, unrealized_pnl, fees_paid, funding, exposure,
    net_exposure, open_positions_count, long_positions_count, short_positions_count, complete,
    peak_net_pnl
)
SELECT
    h.account, carry_portfolio_history.until, h.capital, h.net_pnl, h.realized, h.unrealized_pnl,
    h.fees_paid, h.funding, h.exposure, h.net_exposure, h.open_positions_count,
    h.long_positions_count, h.short_positions_count, h.complete, h.peak_net_pnl
FROM pms.equity_marks m
CROSS JOIN LATERAL (
    SELECT k.*
    FROM pms.portfolio_history k
    WHERE k.account = m.account
        AND k.recorded_at < carry_portfolio_history.until
    ORDER BY k.recorded_at DESC
    LIMIT 1
) h
ON CONFLICT ON CONSTRAINT portfolio_history_pkey DO NOTHING
$$;

COMMENT ON FUNCTION pms.carry_portfolio_history IS
$$Copy the newest totals of each account before a moment to a row at that moment

until: the end of the partition that is dropped. An account with a row at that moment keeps it.$$;
