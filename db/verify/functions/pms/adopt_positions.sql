-- Verify position_manager:functions/pms/adopt_positions on pg

SELECT 'pms.adopt_positions'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.adopt_positions'::regproc, 'EXECUTE')::int;
