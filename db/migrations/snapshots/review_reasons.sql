-- Only adds.
BEGIN;

ALTER TABLE pms.snapshots ADD COLUMN review_reasons text[];

COMMIT;
