BEGIN;

DROP TABLE pms.settings;

COMMIT;
