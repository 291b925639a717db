-- Verify position_manager:functions/api/check_fill on pg

SELECT 'api.check_fill'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.check_fill'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.check_fill'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.check_fill'::regproc, 'EXECUTE')::int;
