-- Verify position_manager:functions/pms/discrepancy_json on pg

SELECT 'pms.discrepancy_json'::regproc;
