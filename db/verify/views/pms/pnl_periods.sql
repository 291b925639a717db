-- Verify position_manager:views/pms/pnl_periods on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.pnl_periods', 'SELECT')::int;
