-- Revert position_manager:functions/pms/has_evidence from pg

BEGIN;

DROP FUNCTION pms.has_evidence;

COMMIT;
