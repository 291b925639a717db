-- Revert position_manager:functions/pms/post_findings from pg

BEGIN;

DROP FUNCTION pms.post_findings;

COMMIT;
