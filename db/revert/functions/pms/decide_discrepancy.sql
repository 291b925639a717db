-- Revert position_manager:functions/pms/decide_discrepancy from pg

BEGIN;

DROP FUNCTION pms.decide_discrepancy;

COMMIT;
