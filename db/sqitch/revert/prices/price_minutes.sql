BEGIN;

DROP TABLE pms.price_minutes;

COMMIT;
