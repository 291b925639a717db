BEGIN;

ALTER TABLE pms.limit_breaches DROP COLUMN trace_id;

ALTER TABLE pms.limits DROP COLUMN clear_level;

COMMIT;
