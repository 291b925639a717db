-- Verify position_manager:functions/pms/value on pg

SELECT 'pms.value'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.value'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.value'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.value'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.value'::regproc, 'EXECUTE')::int;
