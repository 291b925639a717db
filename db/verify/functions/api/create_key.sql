-- Verify position_manager:functions/api/create_key on pg

SELECT 'api.create_key'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.create_key'::regproc, 'EXECUTE')::int;
