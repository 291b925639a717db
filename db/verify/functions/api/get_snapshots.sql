-- Verify position_manager:functions/api/get_snapshots on pg

SELECT 'api.get_snapshots'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.get_snapshots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.get_snapshots'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.get_snapshots'::regproc, 'EXECUTE')::int;
