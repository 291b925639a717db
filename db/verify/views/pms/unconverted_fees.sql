-- Verify position_manager:views/pms/unconverted_fees on pg

SELECT 1 / has_table_privilege('pms_owner', 'pms.unconverted_fees', 'SELECT')::int;
