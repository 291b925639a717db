-- Verify position_manager:functions/pms/refold_legs on pg

SELECT 'pms.refold_legs'::regproc;
