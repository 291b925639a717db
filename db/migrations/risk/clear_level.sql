-- Only adds.
BEGIN;

ALTER TABLE pms.limits
ADD COLUMN clear_level numeric,
ADD CONSTRAINT limits_clear_level_below_breach
CHECK (clear_level >= 0 AND clear_level <= breach_level);

ALTER TABLE pms.limit_breaches ADD COLUMN trace_id text;

COMMIT;
