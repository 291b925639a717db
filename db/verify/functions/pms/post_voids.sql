-- Verify position_manager:functions/pms/post_voids on pg

SELECT 'pms.post_voids'::regproc;
