-- Verify position_manager:views/pms/portfolio_cube on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.portfolio_cube', 'SELECT')::int;
