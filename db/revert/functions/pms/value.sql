-- Revert position_manager:functions/pms/value from pg

BEGIN;

DROP FUNCTION pms.value;

COMMIT;
