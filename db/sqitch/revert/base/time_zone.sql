BEGIN;

ALTER TABLE pms.settings DROP COLUMN time_zone;

COMMIT;
