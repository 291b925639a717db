-- Verify position_manager:functions/pms/fold on pg

SELECT 'pms.fold'::regproc;
