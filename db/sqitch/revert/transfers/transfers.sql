BEGIN;

DROP TABLE pms.transfers;

COMMIT;
