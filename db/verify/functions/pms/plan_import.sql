-- Verify position_manager:functions/pms/plan_import on pg

SELECT 'pms.plan_import'::regproc;
