-- Revert position_manager:functions/pms/apply_venue_positions from pg

BEGIN;

DROP FUNCTION pms.apply_venue_positions;

COMMIT;
