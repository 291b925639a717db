BEGIN;

DROP INDEX pms.rejected_messages_name_idx;

ALTER TABLE pms.rejected_messages
DROP CONSTRAINT rejected_messages_name_is_whole,
DROP COLUMN account,
DROP COLUMN asset,
DROP COLUMN mode,
DROP COLUMN leg,
DROP COLUMN review_code;

COMMIT;
