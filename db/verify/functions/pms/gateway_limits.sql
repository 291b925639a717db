-- Verify position_manager:functions/pms/gateway_limits on pg

SELECT 'pms.gateway_limits'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.gateway_limits'::regproc, 'EXECUTE')::int;
