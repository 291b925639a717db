-- Verify position_manager:functions/pms/note_breaches on pg

SELECT 'pms.note_breaches'::regproc;
