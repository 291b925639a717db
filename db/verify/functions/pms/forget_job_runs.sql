-- Verify position_manager:functions/pms/forget_job_runs on pg

SELECT 'pms.forget_job_runs'::regproc;
