-- Verify position_manager:views/api/jobs on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.jobs', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.jobs', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.jobs', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.jobs', 'SELECT')::int;
