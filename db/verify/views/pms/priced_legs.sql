-- Verify position_manager:views/pms/priced_legs on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.priced_legs', 'SELECT')::int;
