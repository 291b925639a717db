SELECT account, effective_at, amount
FROM pms.capital
WHERE FALSE;

SELECT
    account,
    recorded_at,
    capital,
    net_pnl,
    realized,
    unrealized_pnl,
    fees_paid,
    funding,
    exposure,
    net_exposure,
    open_positions_count,
    long_positions_count,
    short_positions_count,
    complete
FROM pms.portfolio_history
WHERE FALSE;

SELECT
    account,
    began_at,
    recorded_at,
    net_pnl,
    peak_net_pnl,
    peak_at,
    day_net_pnl
FROM pms.equity_marks
WHERE FALSE;
