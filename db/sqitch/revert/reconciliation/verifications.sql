BEGIN;

DROP TABLE pms.verifications;

COMMIT;
