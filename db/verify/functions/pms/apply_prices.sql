-- Verify position_manager:functions/pms/apply_prices on pg

SELECT 'pms.apply_prices'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.apply_prices'::regproc, 'EXECUTE')::int;
