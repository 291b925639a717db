-- Verify position_manager:functions/pms/need_all_accounts on pg

SELECT 'pms.need_all_accounts'::regproc;
