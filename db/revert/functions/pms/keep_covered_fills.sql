-- Revert position_manager:functions/pms/keep_covered_fills from pg

BEGIN;

DROP FUNCTION pms.keep_covered_fills;

COMMIT;
