-- Verify position_manager:functions/api/get_pnl on pg

SELECT 'api.get_pnl'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_pnl'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_pnl'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_pnl'::regproc, 'EXECUTE')::int;
