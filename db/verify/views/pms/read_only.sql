-- Verify position_manager:views/pms/read_only on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.read_only', 'SELECT')::int;
