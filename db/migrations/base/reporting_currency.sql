-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN reporting_currency text NOT NULL DEFAULT 'USDT',
ADD CONSTRAINT settings_reporting_currency_is_name
CHECK (reporting_currency ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$');

COMMIT;
