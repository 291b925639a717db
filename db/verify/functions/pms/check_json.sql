-- Verify position_manager:functions/pms/check_json on pg

SELECT 'pms.check_json'::regproc;
