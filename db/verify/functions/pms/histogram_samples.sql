-- Verify position_manager:functions/pms/histogram_samples on pg

SELECT 'pms.histogram_samples'::regproc;
