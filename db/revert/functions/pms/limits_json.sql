-- Revert position_manager:functions/pms/limits_json from pg

BEGIN;

DROP FUNCTION pms.limits_json;

COMMIT;
