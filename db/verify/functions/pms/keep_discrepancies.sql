-- Verify position_manager:functions/pms/keep_discrepancies on pg

SELECT 'pms.keep_discrepancies'::regproc;
