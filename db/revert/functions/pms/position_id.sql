-- Revert position_manager:functions/pms/position_id from pg

BEGIN;

DROP FUNCTION pms.position_id;

COMMIT;
