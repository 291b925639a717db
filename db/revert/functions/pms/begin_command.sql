-- Revert position_manager:functions/pms/begin_command from pg

BEGIN;

DROP FUNCTION pms.begin_command;

COMMIT;
