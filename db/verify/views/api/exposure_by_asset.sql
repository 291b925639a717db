-- Verify position_manager:views/api/exposure_by_asset on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.exposure_by_asset', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.exposure_by_asset', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.exposure_by_asset', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.exposure_by_asset', 'SELECT')::int;
