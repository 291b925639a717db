-- Verify position_manager:functions/pms/rule_discrepancies on pg

SELECT 'pms.rule_discrepancies'::regproc;
