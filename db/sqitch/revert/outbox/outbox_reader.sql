BEGIN;

DROP TABLE pms.outbox_reader;

COMMIT;
