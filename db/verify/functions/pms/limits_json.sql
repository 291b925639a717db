-- Verify position_manager:functions/pms/limits_json on pg

SELECT 'pms.limits_json'::regproc;
