-- Verify position_manager:functions/pms/in_scope on pg

SELECT 'pms.in_scope'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.in_scope'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.in_scope'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.in_scope'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.in_scope'::regproc, 'EXECUTE')::int;
