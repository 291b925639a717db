-- Verify position_manager:functions/pms/decimal_text on pg

SELECT 'pms.decimal_text'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.decimal_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.decimal_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.decimal_text'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.decimal_text'::regproc, 'EXECUTE')::int;
