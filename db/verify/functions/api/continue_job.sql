-- Verify position_manager:functions/api/continue_job on pg

SELECT 'api.continue_job'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.continue_job'::regproc, 'EXECUTE')::int;
