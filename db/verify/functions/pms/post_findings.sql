-- Verify position_manager:functions/pms/post_findings on pg

SELECT 'pms.post_findings'::regproc;
