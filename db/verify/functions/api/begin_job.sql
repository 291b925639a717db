-- Verify position_manager:functions/api/begin_job on pg

SELECT 'api.begin_job'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.begin_job'::regproc, 'EXECUTE')::int;
