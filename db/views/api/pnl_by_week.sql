-- Deploy position_manager:views/api/pnl_by_week to pg
-- requires: views/pms/pnl_periods

BEGIN;

CREATE OR REPLACE VIEW api.pnl_by_week AS
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
WHERE p.unit = 'week';

COMMENT ON VIEW api.pnl_by_week IS $$What each account earned in each week (UTC, from Monday)

From the portfolio history: the last minute of the week less the last before it, so that the sum
over all is the net PnL. The rows whose account is null are of all accounts together. Amounts are null
where what was before is no longer kept.$$;
COMMENT ON COLUMN api.pnl_by_week.account IS 'Null: over all accounts.';
COMMENT ON COLUMN api.pnl_by_week.period_start IS 'The first day of it, in UTC.';
COMMENT ON COLUMN api.pnl_by_week.net_pnl_usdt IS
'USDT: gross realised + unrealised - fees paid + funding, of the week.';
COMMENT ON COLUMN api.pnl_by_week.realized_usdt IS 'USDT: gross realised in the week.';
COMMENT ON COLUMN api.pnl_by_week.unrealized_pnl_usdt IS 'USDT: change of the unrealised PnL.';
COMMENT ON COLUMN api.pnl_by_week.fees_paid_usdt IS 'USDT: fees of the week; rebates are negative.';
COMMENT ON COLUMN api.pnl_by_week.funding_usdt IS 'USDT: received (+) or paid (-) in the week.';
COMMENT ON COLUMN api.pnl_by_week.opening_equity_usdt IS 'USDT: equity before it.';
COMMENT ON COLUMN api.pnl_by_week.closing_equity_usdt IS 'USDT: equity at its end.';
COMMENT ON COLUMN api.pnl_by_week.return_ratio IS
'Ratio: net PnL / opening equity; null where that is not above 0.';
COMMENT ON COLUMN api.pnl_by_week.complete IS
'False when a position was left out of an amount, before it or at its end.';

GRANT SELECT ON api.pnl_by_week TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
