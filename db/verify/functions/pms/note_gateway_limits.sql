-- Verify position_manager:functions/pms/note_gateway_limits on pg

SELECT 'pms.note_gateway_limits'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.note_gateway_limits'::regproc, 'EXECUTE')::int;
