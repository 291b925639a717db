-- Verify position_manager:functions/pms/wanted_prices on pg

SELECT 'pms.wanted_prices'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.wanted_prices'::regproc, 'EXECUTE')::int;
