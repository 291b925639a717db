-- Verify position_manager:views/api/discrepancies on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.discrepancies', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.discrepancies', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.discrepancies', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.discrepancies', 'SELECT')::int;
