-- Revert position_manager:functions/pms/read_venue_positions from pg

BEGIN;

DROP FUNCTION pms.read_venue_positions;

COMMIT;
