-- Verify position_manager:functions/pms/job_lock on pg

SELECT 'pms.job_lock'::regproc;
