-- Verify position_manager:functions/api/record_fills on pg

SELECT 'api.record_fills'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_fills'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_fills'::regproc, 'EXECUTE')::int;
