-- Verify position_manager:functions/pms/position_legs on pg

SELECT 'pms.position_legs'::regproc;
