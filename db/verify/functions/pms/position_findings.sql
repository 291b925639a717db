-- Verify position_manager:functions/pms/position_findings on pg

SELECT 'pms.position_findings'::regproc;
