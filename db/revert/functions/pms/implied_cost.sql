-- Revert position_manager:functions/pms/implied_cost from pg

BEGIN;

DROP FUNCTION pms.implied_cost;

COMMIT;
