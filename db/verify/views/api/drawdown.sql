-- Verify position_manager:views/api/drawdown on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.drawdown', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.drawdown', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.drawdown', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.drawdown', 'SELECT')::int;
