-- Verify position_manager:views/pms/rate_limits on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.rate_limits', 'SELECT')::int;
