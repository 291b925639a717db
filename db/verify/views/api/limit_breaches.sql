-- Verify position_manager:views/api/limit_breaches on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.limit_breaches', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.limit_breaches', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.limit_breaches', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.limit_breaches', 'SELECT')::int;
