BEGIN;

DROP TABLE pms.deployed_version;

COMMIT;
