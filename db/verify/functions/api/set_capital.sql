-- Verify position_manager:functions/api/set_capital on pg

SELECT 'api.set_capital'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.set_capital'::regproc, 'EXECUTE')::int;
