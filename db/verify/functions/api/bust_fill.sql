-- Verify position_manager:functions/api/bust_fill on pg

SELECT 'api.bust_fill'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.bust_fill'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.bust_fill'::regproc, 'EXECUTE')::int;
