-- Verify position_manager:views/api/validations on pg

SELECT 1 / has_table_privilege('pms_reader', 'api.validations', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_trader', 'api.validations', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_operator', 'api.validations', 'SELECT')::int;
SELECT 1 / has_table_privilege('pms_analyst', 'api.validations', 'SELECT')::int;
