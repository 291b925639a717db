-- Verify position_manager:functions/pms/worker_samples on pg

SELECT 'pms.worker_samples'::regproc;
