BEGIN;

DROP TABLE pms.conflicts;

COMMIT;
