BEGIN;

DROP TABLE pms.webhooks;

COMMIT;
