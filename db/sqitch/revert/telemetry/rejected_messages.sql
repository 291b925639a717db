BEGIN;

DROP TABLE pms.rejected_messages;

COMMIT;
