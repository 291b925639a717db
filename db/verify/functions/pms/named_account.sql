-- Verify position_manager:functions/pms/named_account on pg

SELECT 'pms.named_account'::regproc;
