-- Verify position_manager:functions/pms/begin_job on pg

SELECT 'pms.begin_job'::regproc;
