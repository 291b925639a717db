-- Verify position_manager:functions/pms/discrepancies_json on pg

SELECT 'pms.discrepancies_json'::regproc;
