-- Verify position_manager:views/api/portfolio on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.portfolio', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.portfolio', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.portfolio', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.portfolio', 'SELECT')::int;
