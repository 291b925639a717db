-- Revert position_manager:functions/pms/venue_discrepancies from pg

BEGIN;

DROP FUNCTION pms.venue_discrepancies;

COMMIT;
