-- Verify position_manager:functions/pms/average_price on pg

SELECT 'pms.average_price'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.average_price'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.average_price'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.average_price'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.average_price'::regproc, 'EXECUTE')::int;
