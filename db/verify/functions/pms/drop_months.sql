-- Verify position_manager:functions/pms/drop_months on pg

SELECT 'pms.drop_months'::regproc;
