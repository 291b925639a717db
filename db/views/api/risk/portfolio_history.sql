CREATE OR REPLACE VIEW api.portfolio_history WITH (security_invoker = TRUE) AS
SELECT
    h.account,
    h.recorded_at,
    trim_scale(h.capital + h.net_pnl) AS equity_usdt,
    trim_scale(h.capital) AS capital_usdt,
    trim_scale(h.net_pnl) AS net_pnl_usdt,
    trim_scale(h.realized) AS realized_usdt,
    trim_scale(h.unrealized_pnl) AS unrealized_pnl_usdt,
    trim_scale(h.fees_paid) AS fees_paid_usdt,
    trim_scale(h.funding) AS funding_usdt,
    trim_scale(h.exposure) AS exposure_usdt,
    trim_scale(h.net_exposure) AS net_exposure_usdt,
    h.open_positions_count,
    h.long_positions_count,
    h.short_positions_count,
    h.complete
FROM pms.portfolio_history h
CROSS JOIN pms.read_only
WHERE h.account <> '*'
    AND NOT pms.is_book(h.account);

COMMENT ON VIEW api.portfolio_history IS $$The totals of each account over time

A row for each minute in which a total changed, and after a week for the last such minute of each
quarter hour (UTC); also the first row, and the totals at the start of the oldest month. In between,
the totals are those of the row before. As known at the time. Amounts are exact.
api.portfolio_history_total has all accounts together.$$;

COMMENT ON COLUMN api.portfolio_history.account IS 'The account.';

COMMENT ON COLUMN api.portfolio_history.recorded_at IS 'The minute from which the totals hold.';

COMMENT ON COLUMN api.portfolio_history.equity_usdt IS 'USDT: capital or cash + net PnL.';

COMMENT ON COLUMN api.portfolio_history.capital_usdt IS
'USDT: the capital of the account; 0 if none was set. With cash entries, the cash.';

COMMENT ON COLUMN api.portfolio_history.net_pnl_usdt IS
'USDT: realized + unrealized - fees + funding.';

COMMENT ON COLUMN api.portfolio_history.realized_usdt IS
'USDT: realized PnL, before fees and funding.';

COMMENT ON COLUMN api.portfolio_history.unrealized_pnl_usdt IS 'USDT: market value - cost.';

COMMENT ON COLUMN api.portfolio_history.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

COMMENT ON COLUMN api.portfolio_history.funding_usdt IS 'USDT: received (+) or paid (-).';

COMMENT ON COLUMN api.portfolio_history.exposure_usdt IS 'USDT: |market value| summed over legs.';

COMMENT ON COLUMN api.portfolio_history.net_exposure_usdt IS 'USDT: signed market value.';

COMMENT ON COLUMN api.portfolio_history.open_positions_count IS
'Count: positions with an open leg.';

COMMENT ON COLUMN api.portfolio_history.long_positions_count IS 'Count: positions of size > 0.';

COMMENT ON COLUMN api.portfolio_history.short_positions_count IS 'Count: positions of size < 0.';

COMMENT ON COLUMN api.portfolio_history.complete IS
'False if an amount left out a position because it had no price or no rate to USDT.';

GRANT SELECT ON api.portfolio_history TO pms_reader, pms_trader, pms_operator, pms_analyst;
