BEGIN;

ALTER TABLE pms.settings DROP COLUMN reporting_currency;

COMMIT;
