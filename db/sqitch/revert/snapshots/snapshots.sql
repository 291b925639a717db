BEGIN;

DROP TABLE pms.snapshots;

COMMIT;
