-- Verify position_manager:functions/api/remove_limit on pg

SELECT 'api.remove_limit'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.remove_limit'::regproc, 'EXECUTE')::int;
