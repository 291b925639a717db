BEGIN;

DROP TABLE pms.price_bars;

COMMIT;
