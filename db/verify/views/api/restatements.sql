-- Verify position_manager:views/api/restatements on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.restatements', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.restatements', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.restatements', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.restatements', 'SELECT')::int;
