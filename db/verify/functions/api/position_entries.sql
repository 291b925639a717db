-- Verify position_manager:functions/api/position_entries on pg

SELECT 'api.position_entries'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'api.position_entries'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'api.position_entries'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'api.position_entries'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'api.position_entries'::regproc, 'EXECUTE')::int;
