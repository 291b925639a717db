-- Revert position_manager:functions/pms/discrepancies_json from pg

BEGIN;

DROP FUNCTION pms.discrepancies_json;

COMMIT;
