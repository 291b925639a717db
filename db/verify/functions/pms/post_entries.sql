-- Verify position_manager:functions/pms/post_entries on pg

SELECT 'pms.post_entries'::regproc;
