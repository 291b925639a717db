BEGIN;

DROP TABLE pms.refused_events;

COMMIT;
