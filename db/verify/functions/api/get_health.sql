-- Verify position_manager:functions/api/get_health on pg

SELECT 'api.get_health'::regproc;
SELECT 1 / has_function_privilege('pms_anon', 'api.get_health'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_health'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_health'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_health'::regproc, 'EXECUTE')::int;
