-- Verify position_manager:functions/pms/position_json on pg

SELECT 'pms.position_json'::regproc;
