-- Verify position_manager:functions/pms/decide_discrepancy on pg

SELECT 'pms.decide_discrepancy'::regproc;
