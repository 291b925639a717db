-- Verify position_manager:views/api/rate_limits on pg

SELECT 1 / has_table_privilege('pms_operator', 'api.rate_limits', 'SELECT')::int;
