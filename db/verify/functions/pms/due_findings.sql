-- Verify position_manager:functions/pms/due_findings on pg

SELECT 'pms.due_findings'::regproc;
