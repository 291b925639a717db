BEGIN;

DROP TABLE pms.entries;

COMMIT;
