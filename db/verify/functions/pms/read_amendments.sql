-- Verify position_manager:functions/pms/read_amendments on pg

SELECT 'pms.read_amendments'::regproc;
