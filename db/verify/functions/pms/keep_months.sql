-- Verify position_manager:functions/pms/keep_months on pg

SELECT 'pms.keep_months'::regproc;
