-- Verify position_manager:functions/pms/cycle_flows on pg

SELECT 'pms.cycle_flows'::regproc;
