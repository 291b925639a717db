-- Verify position_manager:views/api/pnl_by_day on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.pnl_by_day', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.pnl_by_day', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.pnl_by_day', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.pnl_by_day', 'SELECT')::int;
