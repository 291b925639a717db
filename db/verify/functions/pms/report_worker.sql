-- Verify position_manager:functions/pms/report_worker on pg

SELECT 'pms.report_worker'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.report_worker'::regproc, 'EXECUTE')::int;
