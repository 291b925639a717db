-- Verify position_manager:functions/pms/verify_ledger on pg

SELECT 'pms.verify_ledger'::regproc;
