-- Verify position_manager:functions/api/get_closed_cycles on pg

SELECT 'api.get_closed_cycles'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_closed_cycles'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_closed_cycles'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_closed_cycles'::regproc, 'EXECUTE')::int;
