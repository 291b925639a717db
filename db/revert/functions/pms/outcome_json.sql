-- Revert position_manager:functions/pms/outcome_json from pg

BEGIN;

DROP FUNCTION pms.outcome_json;

COMMIT;
