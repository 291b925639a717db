-- Verify position_manager:functions/api/portfolio_as_of on pg

SELECT 'api.portfolio_as_of'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.portfolio_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.portfolio_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.portfolio_as_of'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'api.portfolio_as_of'::regproc, 'EXECUTE')::int;
