BEGIN;

ALTER TABLE pms.limit_breaches
DROP COLUMN acknowledged_at,
DROP COLUMN acknowledged_by,
DROP COLUMN note;

COMMIT;
