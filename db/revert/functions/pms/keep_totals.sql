-- Revert position_manager:functions/pms/keep_totals from pg

BEGIN;

DROP FUNCTION pms.keep_totals;

COMMIT;
