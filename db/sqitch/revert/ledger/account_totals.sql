BEGIN;

DROP TABLE pms.account_totals;

ALTER TABLE pms.positions DROP COLUMN exposure;

COMMIT;
