-- Verify position_manager:functions/pms/read_hypothetical on pg

SELECT 'pms.read_hypothetical'::regproc;
