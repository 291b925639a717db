COMMENT ON TABLE pms.cash_entries IS $$Deposits, withdrawals, interest and transfers of cash

Append-only. A transfer has an entry in each of its two accounts. A bust is an entry with the
opposite amount and the moment of the entry that it undoes, so that the cash of a moment, as
known at one, is a sum.$$;
COMMENT ON COLUMN pms.cash_entries.identity IS
'cash:ID or transfer:ID of the client; of a bust, bust: before that of the entry it undoes.';
COMMENT ON COLUMN pms.cash_entries.amount IS 'Received (+) or paid (-), in the currency.';
COMMENT ON COLUMN pms.cash_entries.counter_account IS 'The other account of a transfer.';
COMMENT ON COLUMN pms.cash_entries.busts IS 'The id of the entry that it undoes.';

COMMENT ON TABLE pms.cash_balances IS 'The sum of the cash entries of each account and currency.';
COMMENT ON COLUMN pms.cash_balances.entries IS
'How many entries stand. With 0 it is as if there never was one.';
COMMENT ON COLUMN pms.cash_balances.recorded_at IS 'When the newest entry was recorded.';

-- For the view of api that runs with the rights of its readers (ADR 0013).
GRANT SELECT ON pms.cash_entries TO pms_reader, pms_trader, pms_operator, pms_analyst;
