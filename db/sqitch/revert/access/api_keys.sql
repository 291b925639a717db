BEGIN;

DROP TABLE pms.api_keys;

COMMIT;
