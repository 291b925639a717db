-- Verify position_manager:functions/pms/leg_cycles on pg

SELECT 'pms.leg_cycles'::regproc;
