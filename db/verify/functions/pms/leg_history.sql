-- Verify position_manager:functions/pms/leg_history on pg

SELECT 'pms.leg_history'::regproc;
