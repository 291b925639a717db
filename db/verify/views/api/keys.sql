-- Verify position_manager:views/api/keys on pg

SELECT 1 / has_table_privilege('pms_operator', 'api.keys', 'SELECT')::int;
