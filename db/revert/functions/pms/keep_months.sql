-- Revert position_manager:functions/pms/keep_months from pg

BEGIN;

DROP FUNCTION pms.keep_months;

COMMIT;
