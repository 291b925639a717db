-- Verify position_manager:functions/pms/schedule_jobs on pg

SELECT 'pms.schedule_jobs'::regproc;
