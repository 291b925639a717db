-- Verify position_manager:functions/pms/settled_finding on pg

SELECT 'pms.settled_finding'::regproc;
