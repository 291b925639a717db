-- Revert position_manager:functions/pms/take_amendments from pg

BEGIN;

DROP FUNCTION pms.take_amendments;

COMMIT;
