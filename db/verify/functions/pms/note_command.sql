-- Verify position_manager:functions/pms/note_command on pg

SELECT 'pms.note_command'::regproc;
