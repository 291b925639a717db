-- Verify position_manager:functions/pms/read_arguments on pg

SELECT 'pms.read_arguments'::regproc;
