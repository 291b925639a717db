-- Deploy position_manager:views/api/pnl_by_month to pg
-- requires: views/pms/pnl_periods

BEGIN;

CREATE OR REPLACE VIEW api.pnl_by_month AS
SELECT
    p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
FROM pms.pnl_periods p
WHERE p.unit = 'month';

COMMENT ON VIEW api.pnl_by_month IS $$What each account earned in each month (UTC)

From the portfolio history: the last minute of the month less the last before it, so that the sum
over all is the net PnL. The rows whose account is null are of all accounts together. Amounts are null
where what was before is no longer kept.$$;
COMMENT ON COLUMN api.pnl_by_month.account IS 'Null: over all accounts.';
COMMENT ON COLUMN api.pnl_by_month.period_start IS 'The first day of it, in UTC.';
COMMENT ON COLUMN api.pnl_by_month.net_pnl_usdt IS
'USDT: gross realised + unrealised - fees paid + funding, of the month.';
COMMENT ON COLUMN api.pnl_by_month.realized_usdt IS 'USDT: gross realised in the month.';
COMMENT ON COLUMN api.pnl_by_month.unrealized_pnl_usdt IS 'USDT: change of the unrealised PnL.';
COMMENT ON COLUMN api.pnl_by_month.fees_paid_usdt IS
'USDT: fees of the month; rebates are negative.';
COMMENT ON COLUMN api.pnl_by_month.funding_usdt IS
'USDT: received (+) or paid (-) in the month.';
COMMENT ON COLUMN api.pnl_by_month.opening_equity_usdt IS 'USDT: equity before it.';
COMMENT ON COLUMN api.pnl_by_month.closing_equity_usdt IS 'USDT: equity at its end.';
COMMENT ON COLUMN api.pnl_by_month.return_ratio IS
'Ratio: net PnL / opening equity; null where that is not above 0.';
COMMENT ON COLUMN api.pnl_by_month.complete IS
'False when a position was left out of an amount, before it or at its end.';

GRANT SELECT ON api.pnl_by_month TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
