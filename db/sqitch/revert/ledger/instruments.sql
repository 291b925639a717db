BEGIN;

DROP TABLE pms.instruments;

COMMIT;
