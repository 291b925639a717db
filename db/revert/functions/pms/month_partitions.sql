-- Revert position_manager:functions/pms/month_partitions from pg

BEGIN;

DROP FUNCTION pms.month_partitions;

COMMIT;
