-- Verify position_manager:functions/pms/limit_usage on pg

SELECT 'pms.limit_usage'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.limit_usage'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.limit_usage'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.limit_usage'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.limit_usage'::regproc, 'EXECUTE')::int;
