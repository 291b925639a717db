SELECT peak_net_pnl
FROM pms.portfolio_history
WHERE FALSE;

SELECT recorded_at, thinned_before
FROM pms.portfolio_history_extent
WHERE FALSE;
