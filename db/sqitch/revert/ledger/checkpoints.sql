BEGIN;

DROP TABLE pms.checkpoints;

COMMIT;
