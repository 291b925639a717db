-- Verify position_manager:functions/api/create_snapshots on pg

SELECT 'api.create_snapshots'::regproc;
SELECT 1 / has_function_privilege('pms_trader', 'api.create_snapshots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.create_snapshots'::regproc, 'EXECUTE')::int;
