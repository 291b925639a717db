-- Revert position_manager:functions/pms/position_findings from pg

BEGIN;

DROP FUNCTION pms.position_findings;

COMMIT;
