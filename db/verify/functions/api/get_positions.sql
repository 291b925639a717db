-- Verify position_manager:functions/api/get_positions on pg

SELECT 'api.get_positions'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_positions'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_positions'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_positions'::regproc, 'EXECUTE')::int;
