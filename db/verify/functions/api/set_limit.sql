-- Verify position_manager:functions/api/set_limit on pg

SELECT 'api.set_limit'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.set_limit'::regproc, 'EXECUTE')::int;
