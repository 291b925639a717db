BEGIN;

DROP TABLE pms.covered_fills;

COMMIT;
