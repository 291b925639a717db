BEGIN;

DROP TABLE pms.unconverted_fees;

COMMIT;
