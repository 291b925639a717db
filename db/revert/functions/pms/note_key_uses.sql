-- Revert position_manager:functions/pms/note_key_uses from pg

BEGIN;

DROP FUNCTION pms.note_key_uses;

COMMIT;
