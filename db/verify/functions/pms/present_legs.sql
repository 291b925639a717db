-- Verify position_manager:functions/pms/present_legs on pg

SELECT 'pms.present_legs'::regproc;
