-- Revert position_manager:functions/pms/drop_months from pg

BEGIN;

DROP FUNCTION pms.drop_months;

COMMIT;
