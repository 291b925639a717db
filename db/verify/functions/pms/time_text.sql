-- Verify position_manager:functions/pms/time_text on pg

SELECT 'pms.time_text'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.time_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.time_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.time_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.time_text'::regproc, 'EXECUTE')::int;
