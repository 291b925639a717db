-- Verify position_manager:functions/pms/add_months on pg

SELECT 'pms.add_months'::regproc;
