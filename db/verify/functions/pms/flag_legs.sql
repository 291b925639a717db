-- Verify position_manager:functions/pms/flag_legs on pg

SELECT 'pms.flag_legs'::regproc;
