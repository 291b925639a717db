SELECT base_currency
FROM pms.instruments
WHERE FALSE;

SELECT id
FROM pms.limits
WHERE FALSE;

SELECT 1 / count(*)
FROM pg_catalog.pg_constraint c
WHERE c.conname = 'positions_account_is_name'
    AND pg_catalog.pg_get_constraintdef(c.oid) LIKE '%@%';
