-- Verify position_manager:functions/pms/keep_covered_fills on pg

SELECT 'pms.keep_covered_fills'::regproc;
