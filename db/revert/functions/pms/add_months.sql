-- Revert position_manager:functions/pms/add_months from pg

BEGIN;

DROP FUNCTION pms.add_months;

COMMIT;
