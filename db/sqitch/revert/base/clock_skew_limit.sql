BEGIN;

ALTER TABLE pms.settings
ALTER COLUMN clock_skew_limit SET DEFAULT '1 day',
DROP CONSTRAINT settings_clock_skew_is_a_day_at_most;

UPDATE pms.settings
SET clock_skew_limit = DEFAULT;

COMMIT;
