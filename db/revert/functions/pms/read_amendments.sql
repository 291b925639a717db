-- Revert position_manager:functions/pms/read_amendments from pg

BEGIN;

DROP FUNCTION pms.read_amendments;

COMMIT;
