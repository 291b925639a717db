-- Revert position_manager:functions/pms/note_command from pg

BEGIN;

DROP FUNCTION pms.note_command;

COMMIT;
