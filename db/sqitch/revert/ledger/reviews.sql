BEGIN;

DROP TABLE pms.reviews;

COMMIT;
