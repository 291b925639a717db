-- Verify position_manager:functions/pms/flat_leg on pg

SELECT 'pms.flat_leg'::regproc;
