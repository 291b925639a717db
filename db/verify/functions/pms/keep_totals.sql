-- Verify position_manager:functions/pms/keep_totals on pg

SELECT 'pms.keep_totals'::regproc;
