-- Verify position_manager:views/api/dead_letters on pg

SELECT 1 / has_table_privilege('pms_operator', 'api.dead_letters', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_http_operator', 'api.dead_letters', 'SELECT')::int;
