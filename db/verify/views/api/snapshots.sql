-- Verify position_manager:views/api/snapshots on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.snapshots', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.snapshots', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.snapshots', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.snapshots', 'SELECT')::int;
