-- Revert position_manager:functions/pms/quarantine_conflicts from pg

BEGIN;

DROP FUNCTION pms.quarantine_conflicts;

COMMIT;
