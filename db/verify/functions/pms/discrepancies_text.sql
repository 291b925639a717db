-- Verify position_manager:functions/pms/discrepancies_text on pg

SELECT 'pms.discrepancies_text'::regproc;
