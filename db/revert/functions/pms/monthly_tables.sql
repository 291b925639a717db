-- Revert position_manager:functions/pms/monthly_tables from pg

BEGIN;

DROP FUNCTION pms.monthly_tables;

COMMIT;
