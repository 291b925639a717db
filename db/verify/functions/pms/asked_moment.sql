-- Verify position_manager:functions/pms/asked_moment on pg

SELECT 'pms.asked_moment'::regproc;
