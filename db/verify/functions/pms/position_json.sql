-- Verify position_manager:functions/pms/position_json on pg

SELECT 'pms.position_json'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.position_json'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.position_json'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.position_json'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.position_json'::regproc, 'EXECUTE')::int;
