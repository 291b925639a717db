BEGIN;

DROP TABLE pms.service_failures;

COMMIT;
