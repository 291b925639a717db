BEGIN;

ALTER TABLE pms.snapshots DROP COLUMN review_reasons;

COMMIT;
