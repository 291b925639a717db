-- Verify position_manager:views/pms/jobs on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.jobs', 'SELECT')::int;
