BEGIN;

DROP TABLE pms.key_uses;

COMMIT;
