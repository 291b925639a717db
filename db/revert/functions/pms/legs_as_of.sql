-- Revert position_manager:functions/pms/legs_as_of from pg

BEGIN;

DROP FUNCTION pms.legs_as_of;

COMMIT;
