-- Verify position_manager:functions/api/record_price on pg

SELECT 'api.record_price'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_price'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_price'::regproc, 'EXECUTE')::int;
