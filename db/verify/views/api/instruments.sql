-- Verify position_manager:views/api/instruments on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.instruments', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.instruments', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.instruments', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.instruments', 'SELECT')::int;
