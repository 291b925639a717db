-- Verify position_manager:functions/pms/reject_messages on pg

SELECT 'pms.reject_messages'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.reject_messages'::regproc, 'EXECUTE')::int;
