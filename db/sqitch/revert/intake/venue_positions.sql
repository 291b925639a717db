BEGIN;

DROP TABLE pms.venue_positions;

COMMIT;
