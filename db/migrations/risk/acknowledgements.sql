-- Only adds.
BEGIN;

ALTER TABLE pms.limit_breaches
ADD COLUMN acknowledged_at timestamptz,
ADD COLUMN acknowledged_by text,
ADD COLUMN note text;

COMMIT;
