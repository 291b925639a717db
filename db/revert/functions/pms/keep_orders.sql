-- Revert position_manager:functions/pms/keep_orders from pg

BEGIN;

DROP FUNCTION pms.keep_orders;

COMMIT;
