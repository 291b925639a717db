-- Verify position_manager:functions/pms/find_key on pg

SELECT 'pms.find_key'::regproc;
SELECT 1 / has_function_privilege('pms_anon', 'pms.find_key'::regproc, 'EXECUTE')::int;
