-- Verify position_manager:functions/api/revoke_key on pg

SELECT 'api.revoke_key'::regproc;
SELECT 1 / has_function_privilege('pms_operator', 'api.revoke_key'::regproc, 'EXECUTE')::int;
