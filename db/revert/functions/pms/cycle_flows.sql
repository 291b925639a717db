-- Revert position_manager:functions/pms/cycle_flows from pg

BEGIN;

DROP FUNCTION pms.cycle_flows;

COMMIT;
