-- Revert position_manager:functions/pms/keep_partitions from pg

BEGIN;

DROP FUNCTION pms.keep_partitions;

COMMIT;
