BEGIN;

DROP TABLE pms.prices;

COMMIT;
