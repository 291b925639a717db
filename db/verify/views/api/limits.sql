-- Verify position_manager:views/api/limits on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.limits', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.limits', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.limits', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.limits', 'SELECT')::int;
