BEGIN;

DROP TABLE pms.cash_balances;
DROP TABLE pms.cash_entries;

COMMIT;
