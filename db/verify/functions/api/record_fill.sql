-- Verify position_manager:functions/api/record_fill on pg

SELECT 'api.record_fill'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_fill'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_fill'::regproc, 'EXECUTE')::int;
