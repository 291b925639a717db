CREATE OR REPLACE VIEW api.drawdown AS
WITH risen AS (
    SELECT
        h.account,
        h.recorded_at,
        h.capital,
        h.net_pnl,
        -- An account starts with a net PnL of 0.
        greatest(max(h.net_pnl) OVER so_far, 0) AS peak
    FROM pms.portfolio_history h
    WINDOW so_far AS (PARTITION BY h.account ORDER BY h.recorded_at)
)

SELECT
    nullif(r.account, '*') AS account,
    r.recorded_at,
    trim_scale(r.capital + r.net_pnl) AS equity_usdt,
    trim_scale(r.capital + r.peak) AS peak_equity_usdt,
    trim_scale(r.peak - r.net_pnl) AS drawdown_usdt,
    CASE
        WHEN r.capital + r.peak > 0
            THEN trim_scale(pms.div_round(r.peak - r.net_pnl, r.capital + r.peak, 12))
    END AS drawdown_ratio
FROM risen r
WHERE pms.in_scope(r.account);

COMMENT ON VIEW api.drawdown IS $$The drawdown of each account from its peak, minute by minute

Changes of capital do not count: the peak is the highest net PnL so far plus the capital of the
minute. Rows with a null account cover all accounts together.$$;

COMMENT ON COLUMN api.drawdown.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.drawdown.recorded_at IS 'The minute.';

COMMENT ON COLUMN api.drawdown.equity_usdt IS 'USDT: capital + net PnL.';

COMMENT ON COLUMN api.drawdown.peak_equity_usdt IS 'USDT: capital + the highest net PnL so far.';

COMMENT ON COLUMN api.drawdown.drawdown_usdt IS 'USDT: peak - equity; 0 at the peak.';

COMMENT ON COLUMN api.drawdown.drawdown_ratio IS
'Ratio: drawdown / peak equity; null unless peak equity is above 0.';

GRANT SELECT ON api.drawdown TO pms_reader, pms_trader, pms_operator, pms_analyst;
