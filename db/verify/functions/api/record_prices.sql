-- Verify position_manager:functions/api/record_prices on pg

SELECT 'api.record_prices'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.record_prices'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.record_prices'::regproc, 'EXECUTE')::int;
