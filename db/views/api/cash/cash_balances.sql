CREATE OR REPLACE VIEW api.cash_balances WITH (security_barrier = TRUE) AS
SELECT
    b.account,
    b.currency,
    b.cash,
    b.settled,
    b.invested,
    b.balance,
    b.usdt_rate,
    b.rate_status,
    b.value_usdt
FROM pms.cash_balances_at() b;

COMMENT ON VIEW api.cash_balances IS $$The cash of each account by currency

Of accounts that have cash entries: api.cash_balances_as_of has a former moment. Amounts are
exact.$$;

COMMENT ON COLUMN api.cash_balances.account IS 'The account.';

COMMENT ON COLUMN api.cash_balances.currency IS 'The currency, upper case.';

COMMENT ON COLUMN api.cash_balances.cash IS
'Currency: deposits - withdrawals + interest + transfers.';

COMMENT ON COLUMN api.cash_balances.settled IS
'Currency: what positions have settled: realized PnL - fees + funding.';

COMMENT ON COLUMN api.cash_balances.invested IS
'Currency: the cost of open spot positions, which was paid for them; 0 for derivatives.';

COMMENT ON COLUMN api.cash_balances.balance IS 'Currency: cash + settled - invested.';

COMMENT ON COLUMN api.cash_balances.usdt_rate IS
'Ratio: USDT for one unit of the currency; null if unknown.';

COMMENT ON COLUMN api.cash_balances.rate_status IS
'fresh, stale or missing, of usdt_rate; fresh for USDT.';

COMMENT ON COLUMN api.cash_balances.value_usdt IS
'USDT: balance at usdt_rate; null without one.';

GRANT SELECT ON api.cash_balances TO pms_reader, pms_trader, pms_operator, pms_analyst;
