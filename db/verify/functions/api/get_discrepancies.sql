-- Verify position_manager:functions/api/get_discrepancies on pg

SELECT 'api.get_discrepancies'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_discrepancies'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_discrepancies'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_discrepancies'::regproc, 'EXECUTE')::int;
