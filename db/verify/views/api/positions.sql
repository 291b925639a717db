-- Verify position_manager:views/api/positions on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.positions', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.positions', 'SELECT')::int;
