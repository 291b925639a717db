SELECT base_currency
FROM pms.instruments
WHERE FALSE;

SELECT id
FROM pms.limits
WHERE FALSE;

SELECT 1 / count(*)
FROM pg_catalog.pg_constraint c
-- A later change has it of legs alone.
WHERE c.conname IN ('legs_account_is_name', 'positions_account_is_name')
    AND pg_catalog.pg_get_constraintdef(c.oid) LIKE '%@%';
