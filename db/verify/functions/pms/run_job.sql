-- Verify position_manager:functions/pms/run_job on pg

SELECT 'pms.run_job'::regproc;
