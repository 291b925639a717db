BEGIN;

DROP TABLE pms.restatements;

COMMIT;
