-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';

COMMIT;
