-- Verify position_manager:views/api/prices on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.prices', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.prices', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.prices', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.prices', 'SELECT')::int;
