-- Verify position_manager:views/api/audit on pg

SELECT 1 / has_table_privilege('pms_operator', 'api.audit', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_http_operator', 'api.audit', 'SELECT')::int;
