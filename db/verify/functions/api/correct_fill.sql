-- Verify position_manager:functions/api/correct_fill on pg

SELECT 'api.correct_fill'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.correct_fill'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.correct_fill'::regproc, 'EXECUTE')::int;
