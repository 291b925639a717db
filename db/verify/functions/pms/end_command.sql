-- Verify position_manager:functions/pms/end_command on pg

SELECT 'pms.end_command'::regproc;
