-- Revert position_manager:functions/pms/position_json from pg

BEGIN;

DROP FUNCTION pms.position_json;

COMMIT;
