-- Verify position_manager:functions/api/get_metrics on pg

SELECT 'api.get_metrics'::regproc;
SELECT 1 / has_function_privilege('pms_anon', 'api.get_metrics'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_metrics'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_metrics'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_metrics'::regproc, 'EXECUTE')::int;
