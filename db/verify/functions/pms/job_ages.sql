-- Verify position_manager:functions/pms/job_ages on pg

SELECT 'pms.job_ages'::regproc;
