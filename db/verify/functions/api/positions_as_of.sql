-- Verify position_manager:functions/api/positions_as_of on pg

SELECT 'api.positions_as_of'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.positions_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.positions_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.positions_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'api.positions_as_of'::regproc, 'EXECUTE')::int;
