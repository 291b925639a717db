CREATE OR REPLACE VIEW api.cash_entries WITH (security_invoker = TRUE) AS
SELECT
    e.account,
    e.id,
    e.identity,
    e.kind,
    e.currency,
    trim_scale(e.amount) AS amount,
    e.counter_account,
    e.effective_at,
    e.recorded_at,
    e.busts,
    b.id IS NOT NULL AS is_busted,
    e.trace_id
FROM pms.cash_entries e
LEFT JOIN pms.cash_entries b ON e.account = b.account AND e.id = b.busts;

COMMENT ON VIEW api.cash_entries IS $$Deposits, withdrawals, interest and transfers of cash

The sum of amount over all rows of an account and currency is its cash, see api.cash_balances: a
bust is a row of its own, with the opposite amount.$$;

COMMENT ON COLUMN api.cash_entries.account IS 'The account.';

COMMENT ON COLUMN api.cash_entries.id IS 'Number of the entry.';

COMMENT ON COLUMN api.cash_entries.identity IS
'cash:ID or transfer:ID as the client chose it; of a bust, bust: and that of the entry it undoes.';

COMMENT ON COLUMN api.cash_entries.kind IS 'deposit, withdrawal, interest or transfer.';

COMMENT ON COLUMN api.cash_entries.currency IS 'The currency, upper case.';

COMMENT ON COLUMN api.cash_entries.amount IS 'Currency: received (+) or paid (-).';

COMMENT ON COLUMN api.cash_entries.counter_account IS
'The other account of a transfer; null for other kinds.';

COMMENT ON COLUMN api.cash_entries.effective_at IS 'From when on it counts: its event time.';

COMMENT ON COLUMN api.cash_entries.recorded_at IS 'When it was recorded.';

COMMENT ON COLUMN api.cash_entries.busts IS 'The id of the entry that a bust undoes; else null.';

COMMENT ON COLUMN api.cash_entries.is_busted IS 'True if a bust has undone the entry.';

COMMENT ON COLUMN api.cash_entries.trace_id IS 'The trace of the command.';

GRANT SELECT ON api.cash_entries TO pms_reader, pms_trader, pms_operator, pms_analyst;
