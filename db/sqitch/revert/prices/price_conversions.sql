BEGIN;

DROP TABLE pms.price_conversions;

COMMIT;
