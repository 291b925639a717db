-- Verify position_manager:functions/pms/take_amendments on pg

SELECT 'pms.take_amendments'::regproc;
