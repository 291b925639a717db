-- Revert position_manager:functions/pms/find_key from pg

BEGIN;

DROP FUNCTION pms.find_key;

COMMIT;
