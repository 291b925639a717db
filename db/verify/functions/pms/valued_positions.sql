-- Verify position_manager:functions/pms/valued_positions on pg

SELECT 'pms.valued_positions'::regproc;
SELECT 1 / has_function_privilege('pms_reader', 'pms.valued_positions'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_trader', 'pms.valued_positions'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_operator', 'pms.valued_positions'::regproc, 'EXECUTE')::int;
SELECT 1 / has_function_privilege('pms_analyst', 'pms.valued_positions'::regproc, 'EXECUTE')::int;
