-- Verify position_manager:functions/api/closed_cycles on pg

SELECT 'api.closed_cycles'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.closed_cycles'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.closed_cycles'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.closed_cycles'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'api.closed_cycles'::regproc, 'EXECUTE')::int;
