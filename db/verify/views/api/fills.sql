-- Verify position_manager:views/api/fills on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.fills', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.fills', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.fills', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.fills', 'SELECT')::int;
