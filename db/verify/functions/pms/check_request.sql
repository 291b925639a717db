-- Verify position_manager:functions/pms/check_request on pg

SELECT 'pms.check_request'::regproc;
SELECT 1 / has_function_privilege('pms_anon', 'pms.check_request'::regproc, 'EXECUTE')::int;
