BEGIN;

DROP TABLE pms.validation_statistics;

COMMIT;
