-- Revert position_manager:functions/pms/backlog from pg

BEGIN;

DROP FUNCTION pms.backlog;

COMMIT;
