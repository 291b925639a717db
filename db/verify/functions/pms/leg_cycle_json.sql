-- Verify position_manager:functions/pms/leg_cycle_json on pg

SELECT 'pms.leg_cycle_json'::regproc;
