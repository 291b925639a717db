CREATE OR REPLACE VIEW api.drawdown WITH (security_invoker = TRUE) AS
SELECT
    h.account,
    h.recorded_at,
    trim_scale(h.capital + h.net_pnl) AS equity_usdt,
    trim_scale(h.capital + h.peak_net_pnl) AS peak_equity_usdt,
    trim_scale(h.peak_net_pnl - h.net_pnl) AS drawdown_usdt,
    CASE
        WHEN h.capital + h.peak_net_pnl > 0
            THEN trim_scale(
                    pms.div_round(h.peak_net_pnl - h.net_pnl, h.capital + h.peak_net_pnl, 12)
                )
    END AS drawdown_ratio
FROM pms.portfolio_history h
CROSS JOIN pms.read_only
WHERE h.account <> '*'
    AND NOT pms.is_book(h.account);

COMMENT ON VIEW api.drawdown IS $$The drawdown of each account over time

For the minutes of api.portfolio_history; in between, the drawdown is that of the row before.
Changes of capital do not count: the peak is the highest net PnL so far plus the capital of the
minute. api.drawdown_total has all accounts together.$$;

COMMENT ON COLUMN api.drawdown.account IS 'The account.';

COMMENT ON COLUMN api.drawdown.recorded_at IS 'The minute from which the drawdown holds.';

COMMENT ON COLUMN api.drawdown.equity_usdt IS 'USDT: capital + net PnL.';

COMMENT ON COLUMN api.drawdown.peak_equity_usdt IS 'USDT: capital + the highest net PnL so far.';

COMMENT ON COLUMN api.drawdown.drawdown_usdt IS 'USDT: peak - equity; 0 at the peak.';

COMMENT ON COLUMN api.drawdown.drawdown_ratio IS
'Ratio: drawdown / peak equity; null unless peak equity is above 0.';

GRANT SELECT ON api.drawdown TO pms_reader, pms_trader, pms_operator, pms_analyst;
