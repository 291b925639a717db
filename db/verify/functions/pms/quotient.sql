-- Verify position_manager:functions/pms/quotient on pg

SELECT 'pms.quotient'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.quotient'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.quotient'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.quotient'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.quotient'::regproc, 'EXECUTE')::int;
