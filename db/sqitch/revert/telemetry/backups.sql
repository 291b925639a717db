BEGIN;

DROP TABLE pms.backups;

COMMIT;
