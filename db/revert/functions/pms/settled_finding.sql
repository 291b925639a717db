-- Revert position_manager:functions/pms/settled_finding from pg

BEGIN;

DROP FUNCTION pms.settled_finding;

COMMIT;
