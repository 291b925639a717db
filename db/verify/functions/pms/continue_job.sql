-- Verify position_manager:functions/pms/continue_job on pg

SELECT 'pms.continue_job'::regproc;
