SELECT
    account, id, identity, kind, currency, amount, counter_account, effective_at, recorded_at,
    busts, trace_id
FROM pms.cash_entries
WHERE FALSE;

SELECT account, currency, amount, entries, recorded_at
FROM pms.cash_balances
WHERE FALSE;
