-- Verify position_manager:functions/pms/check_position on pg

SELECT 'pms.check_position'::regproc;
