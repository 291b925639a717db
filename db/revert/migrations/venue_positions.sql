-- Revert position_manager:migrations/venue_positions from pg

BEGIN;

DROP TABLE pms.venue_positions;

COMMIT;
