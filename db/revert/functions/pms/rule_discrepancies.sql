-- Revert position_manager:functions/pms/rule_discrepancies from pg

BEGIN;

DROP FUNCTION pms.rule_discrepancies;

COMMIT;
