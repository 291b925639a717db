-- Verify position_manager:functions/pms/portfolio_totals on pg

SELECT 'pms.portfolio_totals'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.portfolio_totals'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.portfolio_totals'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.portfolio_totals'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.portfolio_totals'::regproc, 'EXECUTE')::int;
