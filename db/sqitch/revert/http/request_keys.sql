BEGIN;

DROP TABLE pms.request_keys;

COMMIT;
