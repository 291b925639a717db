-- Verify position_manager:functions/api/get_exposure on pg

SELECT 'api.get_exposure'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_exposure'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_exposure'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_exposure'::regproc, 'EXECUTE')::int;
