BEGIN;

DROP INDEX pms.rejected_messages_conflict_idx;

ALTER TABLE pms.rejected_messages DROP COLUMN conflict_id;

DROP INDEX pms.conflicts_digest_idx;

ALTER TABLE pms.conflicts
DROP CONSTRAINT conflicts_leg_is_whole,
DROP CONSTRAINT conflicts_status_is_known,
DROP COLUMN asset,
DROP COLUMN mode,
DROP COLUMN leg,
DROP COLUMN status;

COMMIT;
