-- Revert position_manager:functions/pms/trace_id from pg

BEGIN;

DROP FUNCTION pms.trace_id;

COMMIT;
