BEGIN;

DROP TABLE pms.amendments;

COMMIT;
