BEGIN;

DROP TABLE pms.idempotency_keys;

COMMIT;
