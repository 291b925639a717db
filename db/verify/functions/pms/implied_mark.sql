-- Verify position_manager:functions/pms/implied_mark on pg

SELECT 'pms.implied_mark'::regproc;
