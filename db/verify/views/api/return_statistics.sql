-- Verify position_manager:views/api/return_statistics on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.return_statistics', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.return_statistics', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.return_statistics', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.return_statistics', 'SELECT')::int;
