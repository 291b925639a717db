-- Verify position_manager:functions/pms/monthly_tables on pg

SELECT 'pms.monthly_tables'::regproc;
