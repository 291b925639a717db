BEGIN;

DROP TABLE pms.event_epoch;

COMMIT;
