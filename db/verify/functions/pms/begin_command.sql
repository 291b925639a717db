-- Verify position_manager:functions/pms/begin_command on pg

SELECT 'pms.begin_command'::regproc;
