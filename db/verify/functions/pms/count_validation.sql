-- Verify position_manager:functions/pms/count_validation on pg

SELECT 'pms.count_validation'::regproc;
