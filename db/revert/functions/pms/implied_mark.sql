-- Revert position_manager:functions/pms/implied_mark from pg

BEGIN;

DROP FUNCTION pms.implied_mark;

COMMIT;
