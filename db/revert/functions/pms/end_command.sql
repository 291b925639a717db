-- Revert position_manager:functions/pms/end_command from pg

BEGIN;

DROP FUNCTION pms.end_command;

COMMIT;
