-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN record_retention interval NOT NULL DEFAULT '400 days',
ADD COLUMN record_max_bytes bigint NOT NULL DEFAULT 1073741824,
ADD COLUMN checkpoint_retention interval NOT NULL DEFAULT '30 days',
ADD CONSTRAINT settings_record_retention_positive CHECK (record_retention > '0 seconds'),
ADD CONSTRAINT settings_record_max_bytes_positive CHECK (record_max_bytes > 0),
ADD CONSTRAINT settings_checkpoint_retention_positive CHECK (checkpoint_retention > '0 seconds');

COMMIT;
