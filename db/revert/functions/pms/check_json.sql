-- Revert position_manager:functions/pms/check_json from pg

BEGIN;

DROP FUNCTION pms.check_json;

COMMIT;
