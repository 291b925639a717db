-- Revert position_manager:functions/pms/venue_findings from pg

BEGIN;

DROP FUNCTION pms.venue_findings;

COMMIT;
