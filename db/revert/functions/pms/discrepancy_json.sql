-- Revert position_manager:functions/pms/discrepancy_json from pg

BEGIN;

DROP FUNCTION pms.discrepancy_json;

COMMIT;
