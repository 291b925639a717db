-- Verify position_manager:functions/api/create_snapshot on pg

SELECT 'api.create_snapshot'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.create_snapshot'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.create_snapshot'::regproc, 'EXECUTE')::int;
