BEGIN;

ALTER TABLE pms.settings
DROP COLUMN record_retention,
DROP COLUMN record_max_bytes,
DROP COLUMN checkpoint_retention;

COMMIT;
