-- Verify position_manager:functions/pms/account_scope on pg

SELECT 'pms.account_scope'::regproc;
