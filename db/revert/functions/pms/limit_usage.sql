-- Revert position_manager:functions/pms/limit_usage from pg

BEGIN;

DROP FUNCTION pms.limit_usage;

COMMIT;
