-- Verify position_manager:functions/api/rotate_key on pg

SELECT 'api.rotate_key'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.rotate_key'::regproc, 'EXECUTE')::int;
