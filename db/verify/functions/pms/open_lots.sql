-- Verify position_manager:functions/pms/open_lots on pg

SELECT 'pms.open_lots'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.open_lots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.open_lots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.open_lots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.open_lots'::regproc, 'EXECUTE')::int;
