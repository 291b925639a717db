-- Revert position_manager:functions/pms/note_breaches from pg

BEGIN;

DROP FUNCTION pms.note_breaches;

COMMIT;
