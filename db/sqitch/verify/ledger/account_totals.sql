SELECT account, writer, currency, exposure
FROM pms.account_totals
WHERE FALSE;

SELECT exposure
FROM pms.positions
WHERE FALSE;
