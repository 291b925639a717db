-- Revert position_manager:functions/pms/due_findings from pg

BEGIN;

DROP FUNCTION pms.due_findings;

COMMIT;
