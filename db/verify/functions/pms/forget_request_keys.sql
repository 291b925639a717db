-- Verify position_manager:functions/pms/forget_request_keys on pg

SELECT 'pms.forget_request_keys'::regproc;
