-- Verify position_manager:functions/api/record_transfer on pg

SELECT 'api.record_transfer'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_transfer'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_transfer'::regproc, 'EXECUTE')::int;
