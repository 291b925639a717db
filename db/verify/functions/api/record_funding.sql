-- Verify position_manager:functions/api/record_funding on pg

SELECT 'api.record_funding'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_funding'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_funding'::regproc, 'EXECUTE')::int;
