BEGIN;

-- A price that is ahead by a day would hide all others for as long.
ALTER TABLE pms.settings
ALTER COLUMN clock_skew_limit SET DEFAULT '1 minute';

UPDATE pms.settings
SET clock_skew_limit = DEFAULT;

ALTER TABLE pms.settings
ADD CONSTRAINT settings_clock_skew_is_a_day_at_most CHECK (clock_skew_limit <= '1 day');

COMMIT;
