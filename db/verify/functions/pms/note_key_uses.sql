-- Verify position_manager:functions/pms/note_key_uses on pg

SELECT 'pms.note_key_uses'::regproc;
SELECT 1 / has_function_privilege('pms_worker', 'pms.note_key_uses'::regproc, 'EXECUTE')::int;
