BEGIN;

DROP TABLE pms.positions;

COMMIT;
