-- Verify position_manager:functions/pms/time_or_null on pg

SELECT 'pms.time_or_null'::regproc;
