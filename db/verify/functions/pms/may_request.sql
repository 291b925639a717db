-- Verify position_manager:functions/pms/may_request on pg

SELECT 'pms.may_request'::regproc;
SELECT 1 / has_function_privilege('pms_anon', 'pms.may_request'::regproc, 'EXECUTE')::int;
