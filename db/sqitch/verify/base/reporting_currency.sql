SELECT reporting_currency
FROM pms.settings
WHERE FALSE;
