-- Verify position_manager:views/api/conflicts on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.conflicts', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.conflicts', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.conflicts', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.conflicts', 'SELECT')::int;
