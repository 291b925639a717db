-- Verify position_manager:views/api/portfolio_history on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.portfolio_history', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.portfolio_history', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.portfolio_history', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.portfolio_history', 'SELECT')::int;
