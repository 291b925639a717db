-- Verify position_manager:functions/api/get_portfolio on pg

SELECT 'api.get_portfolio'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_portfolio'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_portfolio'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_portfolio'::regproc, 'EXECUTE')::int;
