-- Verify position_manager:views/pms/usdt_rates on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.usdt_rates', 'SELECT')::int;
